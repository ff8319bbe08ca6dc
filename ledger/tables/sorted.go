package tables

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
)

// A proof compares what the journal says with what stands there, of tens of millions of
// rows. Both are put into the same order and then read side by side; what does not fit
// into a few megabytes is sorted in files. So its memory does not grow with the ledger.

// record says of one key what stood at some time: by later ones of the same key it is
// superseded.
type record struct {
	key  [12]byte
	at   int64
	hash rowHash
}

const recordSize = 32

func (r *record) bytes(to []byte) {
	copy(to, r.key[:])
	binary.BigEndian.PutUint64(to[12:], uint64(r.at))
	copy(to[20:], r.hash[:])
}

func (r *record) read(from []byte) {
	copy(r.key[:], from)
	r.at = int64(binary.BigEndian.Uint64(from[12:]))
	copy(r.hash[:], from[20:])
}

func (r *record) compare(o *record) int {
	if c := bytes.Compare(r.key[:], o.key[:]); c != 0 {
		return c
	}
	return int(min(1, max(-1, r.at-o.at)))
}

// inMemory is how many records are sorted there.
var inMemory = 1 << 17

// sorted are records in the order of their keys, the last of each.
type sorted struct {
	young []record
	files []*os.File
}

func (s *sorted) add(r record) error {
	if s.young = append(s.young, r); len(s.young) < inMemory {
		return nil
	}
	return s.spill()
}

// latest sorts those in memory, and keeps the last of each key.
func (s *sorted) latest() {
	slices.SortFunc(s.young, func(a, b record) int { return a.compare(&b) })
	n := 0
	for i := range s.young {
		if i+1 < len(s.young) && s.young[i].key == s.young[i+1].key {
			continue
		}
		s.young[n] = s.young[i]
		n++
	}
	s.young = s.young[:n]
}

// spill writes those in memory to a file that nobody else sees.
func (s *sorted) spill() error {
	s.latest()
	f, err := os.CreateTemp("", "duban-proof-")
	if err != nil {
		return err
	}
	s.files = append(s.files, f)
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	var buf [recordSize]byte
	for i := range s.young {
		s.young[i].bytes(buf[:])
		if _, err := w.Write(buf[:]); err != nil {
			return err
		}
	}
	s.young = s.young[:0]
	return w.Flush()
}

// all gives them in order; may be asked again.
func (s *sorted) all() iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		s.latest()
		runs, err := s.runs()
		for err == nil && len(runs) > 0 {
			least := 0
			for i := range runs {
				if runs[i].now.compare(&runs[least].now) < 0 {
					least = i
				}
			}
			r := runs[least].now
			if runs, err = advance(runs, least); err != nil {
				break
			}
			if slices.ContainsFunc(runs, func(o run) bool { return o.now.key == r.key }) {
				continue // which is later
			}
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(record{}, err)
		}
	}
}

// run is what is left of one file, or of those in memory.
type run struct {
	now  record
	next func(*record) error // io.EOF: there is no more
}

func (s *sorted) runs() (out []run, err error) {
	at := 0
	all := []func(*record) error{func(r *record) error {
		if at == len(s.young) {
			return io.EOF
		}
		*r = s.young[at]
		at++
		return nil
	}}
	for _, f := range s.files {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		in := bufio.NewReaderSize(f, 1<<14)
		var buf [recordSize]byte
		all = append(all, func(r *record) error {
			if _, err := io.ReadFull(in, buf[:]); err != nil {
				return err
			}
			r.read(buf[:])
			return nil
		})
	}
	for _, next := range all {
		out = append(out, run{next: next})
		if out, err = advance(out, len(out)-1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// advance reads on in one run, which goes when it has ended.
func advance(runs []run, i int) ([]run, error) {
	err := runs[i].next(&runs[i].now)
	if errors.Is(err, io.EOF) {
		return slices.Delete(runs, i, i+1), nil
	}
	return runs, err
}

// close gives the files back.
func (s *sorted) close() {
	for _, f := range s.files {
		_ = f.Close() // they have no names any more
	}
	s.files, s.young = nil, nil
}
