package toml

import (
	"io"
	"os"
	"syscall"

	"duban/rules/problem"
)

// MaxFile is the most bytes that are read of a file that people write.
const MaxFile = 4 << 20

// ReadFile is os.ReadFile for files that people write: what is no file (a pipe, a
// device) is refused and never waited for, and so is one that is too large.
func ReadFile(name string) ([]byte, error) {
	if err := readable(os.Stat(name)); err != nil {
		return nil, &os.PathError{Op: "read", Path: name, Err: err}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := readable(f.Stat()); err != nil { // another since
		return nil, &os.PathError{Op: "read", Path: name, Err: err}
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		err = &os.PathError{Op: "read", Path: name, Err: tooLarge(int64(len(data)))}
	}
	return data, err
}

func readable(info os.FileInfo, err error) error {
	switch {
	case err != nil:
		if e, ok := err.(*os.PathError); ok {
			return e.Err
		}
		return err
	case info.IsDir():
		return problem.Errorf("is a folder")
	case !info.Mode().IsRegular():
		return problem.Errorf("is no file, but a pipe, socket or device")
	case info.Size() > MaxFile:
		return tooLarge(info.Size())
	}
	return nil
}

func tooLarge(n int64) error { return problem.Errorf("has %d bytes; %d are the most", n, MaxFile) }
