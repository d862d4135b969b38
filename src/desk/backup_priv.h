// The form of a backup file, shared by what writes and what reads it.
//
// Inside the sealed file (crypto's chunks) lies one zstd frame of: the magic, then for each file
// the length of its name (u32), its size (u64), its name and its bytes; a length of 0 ends the
// list. Integers are little endian.
#ifndef MOEI_DESK_BACKUP_PRIV_H
#define MOEI_DESK_BACKUP_PRIV_H

#include "desk/desk_priv.h"

#define BACKUP_MAGIC "MOEIBAK1"
#define BACKUP_HEAD_BYTES 12
#define BACKUP_LEVEL 3 // of zstd
#define BACKUP_NAME_BYTES_MAX 128
#define BACKUP_PURPOSE "moei/backup/v1"

#endif
