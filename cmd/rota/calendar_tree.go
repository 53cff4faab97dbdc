package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// treeKeyBytes is the randomness of a key.
const treeKeyBytes = 32

// treeKey reads the key from which the addresses of a folder of calendars are derived, and makes it when there is none:
// a file that its owner alone can read. The same key gives the same addresses for ever; whoever has it knows them all.
// In a dry run nothing is made, and a missing key gives nil.
func (a *app) treeKey(name string) ([]byte, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		if a.dryRun {
			return nil, nil
		}
		return newTreeKey(name)
	}
	if err != nil {
		return nil, plainFileError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, plainFileError(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, hint(fmt.Errorf("others can read %s (mode %04o), and with it find every calendar", name, info.Mode().Perm()), "chmod 600 "+name)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return nil, plainFileError(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != treeKeyBytes {
		return nil, hint(fmt.Errorf("%s is not a key of rota", name), "name a file that does not exist, and a new key is put into it")
	}
	return key, nil
}

func newTreeKey(name string) ([]byte, error) {
	key := make([]byte, treeKeyBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, plainFileError(err)
	}
	_, err = fmt.Fprintln(f, hex.EncodeToString(key))
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		// Half a key is worse than none: it would be refused from now on.
		return nil, errors.Join(plainFileError(err), os.Remove(name))
	}
	return key, nil
}
