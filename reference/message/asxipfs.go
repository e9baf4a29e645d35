package message

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// Numbers of the ASXipFS file system, a relative of cramfs (azure-sphere.md 4.6).
const (
	fsMagic  = 0x28CD3D45
	fsFlags  = 3 // format version 2, sorted directories
	fsText   = "Compressed ROMFS"
	fsHeader = 64
	fsInode  = 12
	fsRoot   = fsHeader
	fsCRC    = 32 // offset of the CRC32 field
	fsTables = fsHeader + fsInode

	// MaxFiles bounds the files of one file system, MaxDepth its directories
	// within directories.
	MaxFiles = 64
	MaxDepth = 4

	// maxName bounds one part of a path: what a 6-bit count of words can say.
	maxName = 63 * 4

	modeType      = 0xF000
	modeFile      = 0x8000
	modeDirectory = 0x4000
	modePrivilege = 0x0C00 // setuid, setgid
	modeXIP       = 0x0200 // sticky bit: stored uncompressed, run where it lies
	modeExecute   = 0o111
	modeRun       = 0o755
	modeRead      = 0o644
)

// ErrDeviceNode is returned, with the files, for a file system that is well
// formed but holds a device node, another special file or a setuid or setgid
// file. It does not wrap ErrMalformed: refusing such a file system is a security
// decision of the caller (TALOS-2020-1131: the real kernel once honoured them).
var ErrDeviceNode = errors.New("file system holds a device node or privileged file")

// File is one file of a file system.
type File struct {
	Name       string // path without leading slash, such as "bin/app"
	Data       []byte // of a special file: empty
	Executable bool
	Special    *Special // nil for a plain file
}

// Special says what a file is that is not plain.
type Special struct {
	Mode   uint16 // file type and bits as in the inode
	Device uint32 // 24 bits; device number of a node, 0 for a plain file
}

// inode is one node while a file system is written or read.
//
//	mode u16, uid u16 | size u24, gid u8 | name length in words u6, offset in words u26
type inode struct {
	name     string // one part of the path
	file     *File  // nil for a directory
	children []*inode
	offset   int // of the data, or of the directory's table
	size     int // of the data, or of the table; device number of a node
}

func (n *inode) mode() uint16 {
	switch {
	case n.file == nil:
		return modeDirectory | modeRun
	case n.file.Special != nil:
		return n.file.Special.Mode
	case n.file.Executable:
		return modeFile | modeXIP | modeRun
	}
	return modeFile | modeXIP | modeRead
}

// plain tells whether the node is a file whose bytes are stored.
func (n *inode) plain() bool { return n.file != nil && n.mode()&modeType == modeFile }

// PackFS writes a file system whose length is a multiple of 4 KiB: header, the
// directories breadth first, the data in the same order, executable files from a
// page boundary. It checks nothing; what breaks a rule of ParseFS is refused
// there. Every file is stored uncompressed (XIP): the real packer compresses
// what is not run, which nothing here would gain from.
func PackFS(files []File) []byte {
	root := tree(files)
	nodes := root.flatten()
	at := fsTables
	for _, n := range nodes {
		if n.file == nil {
			n.offset, n.size = at, n.tableSize()
			at += n.size
		}
	}
	blocks := 0
	for _, n := range nodes {
		switch {
		case n.plain():
			n.size = len(n.file.Data)
			blocks += roundUp(n.size, pageSize) / pageSize
			if n.size > 0 {
				if n.mode()&modeExecute != 0 {
					at = roundUp(at, pageSize)
				}
				n.offset, at = at, roundUp(at+n.size, 4)
			}
		case n.file != nil:
			n.size = int(n.file.Special.Device)
		}
	}
	b := make([]byte, roundUp(at, pageSize))
	writeFSHeader(b, blocks, len(nodes))
	root.write(b[fsRoot:])
	for _, n := range nodes {
		if n.file == nil {
			n.writeTable(b[n.offset:])
		} else if n.plain() {
			copy(b[n.offset:], n.file.Data)
		}
	}
	le.PutUint32(b[fsCRC:], fsSum(b))
	return b
}

func writeFSHeader(b []byte, blocks, nodes int) {
	le.PutUint32(b[0:], fsMagic)
	le.PutUint32(b[4:], uint32(len(b)))
	le.PutUint32(b[8:], fsFlags)
	copy(b[16:32], fsText)
	le.PutUint32(b[40:], uint32(blocks)) // edition, at 36, is 0
	le.PutUint32(b[44:], uint32(nodes))
}

// fsSum is the CRC32 of the whole file system with its own field zero.
func fsSum(b []byte) uint32 {
	sum := crc32.ChecksumIEEE(b[:fsCRC])
	sum = crc32.Update(sum, crc32.IEEETable, make([]byte, 4))
	return crc32.Update(sum, crc32.IEEETable, b[fsCRC+4:])
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// tree makes the directory tree of a list of files, sorted by name.
func tree(files []File) *inode {
	root := &inode{}
	for i := range files {
		dir, parts := root, strings.Split(files[i].Name, "/")
		for _, part := range parts[:len(parts)-1] {
			dir = dir.directory(part)
		}
		dir.children = append(dir.children, &inode{name: parts[len(parts)-1], file: &files[i]})
	}
	root.sort()
	return root
}

func (n *inode) directory(name string) *inode {
	for _, child := range n.children {
		if child.file == nil && child.name == name {
			return child
		}
	}
	child := &inode{name: name}
	n.children = append(n.children, child)
	return child
}

func (n *inode) sort() {
	slices.SortStableFunc(n.children, func(a, b *inode) int { return cmp.Compare(a.name, b.name) })
	for _, child := range n.children {
		child.sort()
	}
}

// flatten lists the tree breadth first, the root in front.
func (n *inode) flatten() []*inode {
	list := []*inode{n}
	for i := 0; i < len(list); i++ {
		list = append(list, list[i].children...)
	}
	return list
}

func (n *inode) tableSize() int {
	size := 0
	for _, child := range n.children {
		size += fsInode + roundUp(len(child.name), 4)
	}
	return size
}

func (n *inode) writeTable(b []byte) {
	for _, child := range n.children {
		child.write(b)
		copy(b[fsInode:], child.name)
		b = b[fsInode+roundUp(len(child.name), 4):]
	}
}

// write writes the 12 bytes of the inode.
func (n *inode) write(b []byte) {
	le.PutUint32(b[0:], uint32(n.mode()))
	le.PutUint32(b[4:], uint32(n.size)&0xFFFFFF)
	le.PutUint32(b[8:], uint32(roundUp(len(n.name), 4)/4)&0x3F|uint32(n.offset/4)<<6)
}

// ParseFS reads a file system that fills b. A set of files has exactly one
// encoding, the one PackFS writes, and any other is refused: nothing can hide in
// gaps, shared data or a second name. Errors wrap ErrMalformed, except
// ErrDeviceNode, with which the files are returned. Data aliases b.
func ParseFS(b []byte) ([]File, error) {
	if len(b) > MaxPackage {
		return nil, ErrTooLarge
	}
	if err := checkFSHeader(b); err != nil {
		return nil, err
	}
	r := fsReader{b: b}
	mode, _, size, gid, words, offset := readInode(b[fsRoot:])
	if mode&modeType != modeDirectory || words != 0 || gid != 0 {
		return nil, malformed(fsRoot, "root is not a directory")
	}
	if err := r.directory("", offset, size, MaxDepth); err != nil {
		return nil, err
	}
	if !bytes.Equal(PackFS(r.files), b) {
		return nil, malformed(fsTables, "not the one encoding of these files")
	}
	for _, f := range r.files {
		if f.Special != nil {
			return r.files, fmt.Errorf("%w: %s has mode %#o", ErrDeviceNode, f.Name, f.Special.Mode)
		}
	}
	return r.files, nil
}

// checkFSHeader checks what stands in the header, except what only the
// comparison with the one encoding can tell (blocks, nodes, reserved fields).
func checkFSHeader(b []byte) error {
	switch {
	case len(b) < fsTables:
		return malformed(0, "file system of %d bytes has no header", len(b))
	case le.Uint32(b) != fsMagic:
		return malformed(0, "file system magic %#x, want %#x", le.Uint32(b), fsMagic)
	case le.Uint32(b[4:]) != uint32(len(b)):
		return malformed(4, "size %d of a file system of %d bytes", le.Uint32(b[4:]), len(b))
	case le.Uint32(b[8:]) != fsFlags:
		return malformed(8, "flags %#x, want %#x", le.Uint32(b[8:]), fsFlags)
	case string(b[16:32]) != fsText:
		return malformed(16, "no file system signature")
	case le.Uint32(b[fsCRC:]) != fsSum(b):
		return malformed(fsCRC, "checksum is wrong")
	}
	return nil
}

func readInode(b []byte) (mode, uid uint16, size int, gid byte, words, offset int) {
	place := le.Uint32(b[8:])
	return le.Uint16(b), le.Uint16(b[2:]), int(le.Uint32(b[4:]) & 0xFFFFFF), b[7], int(place & 0x3F), int(place>>6) * 4
}

// fsReader collects the files of a file system.
type fsReader struct {
	b     []byte
	files []File
	nodes int
	data  int // bytes of all files: more than len(b) means shared ones
}

// within tells whether size bytes at offset lie inside, behind the header.
func (r *fsReader) within(offset, size int) bool {
	return offset >= fsTables && offset <= len(r.b) && size <= len(r.b)-offset
}

// directory reads the table of the directory called path.
func (r *fsReader) directory(path string, offset, size, depth int) error {
	if depth < 0 {
		return malformed(offset, "directories deeper than %d", MaxDepth)
	}
	if size == 0 {
		// Only the root of a file system without files has an empty table.
		if path == "" && offset == fsTables {
			return nil
		}
		return malformed(offset, "empty directory %q", path)
	}
	if !r.within(offset, size) {
		return malformed(offset, "table of %q leaves the file system", path)
	}
	previous := ""
	for end := offset + size; offset < end; {
		if r.nodes++; r.nodes > MaxFiles*2 {
			return malformed(offset, "more than %d nodes", MaxFiles*2)
		}
		if end-offset < fsInode {
			return malformed(offset, "inode is cut off")
		}
		words := int(r.b[offset+8] & 0x3F)
		next := offset + fsInode + 4*words
		if next > end {
			return malformed(offset, "name is cut off")
		}
		name, ok := fsName(r.b[offset+fsInode : next])
		if !ok || name <= previous {
			return malformed(offset+fsInode, "name %q behind %q", name, previous)
		}
		previous = name
		if err := r.node(path+name, offset, depth); err != nil {
			return err
		}
		offset = next
	}
	return nil
}

// fsName reads a name padded with NUL to a whole number of words: printable
// ASCII without slash that is neither "." nor "..".
func fsName(field []byte) (string, bool) {
	name := strings.TrimRight(string(field), "\x00")
	if name == "" || name == "." || name == ".." || len(name) > maxName || roundUp(len(name), 4) != len(field) {
		return name, false
	}
	return name, !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' })
}

// node reads the inode at offset at, whose path is given.
func (r *fsReader) node(path string, at, depth int) error {
	mode, uid, size, gid, _, offset := readInode(r.b[at:])
	if uid != 0 || gid != 0 {
		return malformed(at, "%s belongs to %d:%d, want 0:0", path, uid, gid)
	}
	if mode&modeType == modeDirectory {
		return r.directory(path+"/", offset, size, depth-1)
	}
	if len(r.files) == MaxFiles {
		return malformed(at, "more than %d files", MaxFiles)
	}
	f := File{Name: path}
	switch mode {
	case modeFile | modeXIP | modeRun:
		f.Executable = true
	case modeFile | modeXIP | modeRead:
	default:
		if mode&modeType == modeFile && mode&modePrivilege == 0 {
			return malformed(at, "%s has mode %#o", path, mode)
		}
		f.Special = &Special{Mode: mode}
		f.Executable = mode&modeExecute != 0
	}
	switch {
	case mode&modeType != modeFile:
		f.Special.Device = uint32(size)
	case size > 0:
		if r.data += size; !r.within(offset, size) || r.data > len(r.b) {
			return malformed(at, "data of %s leaves the file system", path)
		}
		f.Data = r.b[offset : offset+size : offset+size]
	}
	r.files = append(r.files, f)
	return nil
}
