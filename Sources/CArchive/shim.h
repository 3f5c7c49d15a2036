#include <archive.h>
#include <archive_entry.h>

/// The type of a regular file; the library's own name is a macro with a cast.
static const unsigned nm_archive_regular = AE_IFREG;
