// libcudart, first part: the table, and memory. Device memory is host memory without pages until it is written, so a
// model of any size fits; it reads as zero. COUNTING_CUDA_TABLE: file of the table. COUNTING_CUDA_MEMORY: bytes of the
// device. COUNTING_CUDA_COPY: copies to or inside the device above so many bytes are counted but not made.
#include "counts.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OK = 0, OUT_OF_MEMORY = 2 };
enum { PINNED = 1, DEVICE = 2 };
enum { TO_DEVICE = 1, TO_HOST = 2, ON_DEVICE = 3, BY_ADDRESS = 4 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Record *records;

static void openTable(void) {
  const char *path = getenv("COUNTING_CUDA_TABLE");
  int file = path ? open(path, O_RDWR | O_CREAT, 0644) : -1;
  if (file >= 0 && ftruncate(file, sizeof(Record) * RECORDS) != 0) file = -1;
  int kind = file >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
  records = mmap(0, sizeof(Record) * RECORDS, PROT_READ | PROT_WRITE, kind, file, 0);
}

static Record *recordOf(const char *key) { // under the lock
  if (!records) openTable();
  uint32_t at = 5381;
  for (const char *c = key; *c; c++) at = at * 33 + (unsigned char)*c;
  for (int tries = 0; tries < RECORDS; tries++) {
    Record *r = &records[(at + tries) % RECORDS];
    if (!r->key[0]) strncpy(r->key, key, KEY_BYTES - 1);
    if (!strncmp(r->key, key, KEY_BYTES - 1)) return r;
  }
  fprintf(stderr, "the table of the counting CUDA is full\n");
  abort();
}

void counted(const char *key, int64_t times, int64_t amount) {
  pthread_mutex_lock(&lock);
  Record *r = recordOf(key);
  r->times += times;
  r->amount += amount;
  pthread_mutex_unlock(&lock);
}

static long long setting(const char *name, long long otherwise) {
  const char *given = getenv(name);
  return given ? atoll(given) : otherwise;
}
size_t memoryOfDevice(void) { return setting("COUNTING_CUDA_MEMORY", 80000000000ll); }

typedef struct {
  char *from;
  size_t bytes;
  int kind;
} Block;
static Block blocks[1 << 16];
static int blockCount;

static int take(void **out, size_t bytes, int kind) {
  const char *name = kind == DEVICE ? "device" : "pinned";
  char held[32], most[32], size[64];
  snprintf(held, sizeof held, "held|%s", name);
  snprintf(most, sizeof most, "peak|%s", name);
  snprintf(size, sizeof size, "malloc|%s|%zu", name, bytes);
  *out = 0;
  pthread_mutex_lock(&lock);
  Record *now = recordOf(held), *peak = recordOf(most);
  int fits = blockCount < 1 << 16 && (kind == PINNED || now->amount + bytes <= memoryOfDevice());
  if (fits) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    *out = mmap(0, bytes ? bytes : 1, PROT_READ | PROT_WRITE, flags, -1, 0);
    blocks[blockCount++] = (Block){*out, bytes, kind};
    now->times++;
    now->amount += bytes;
    if (peak->amount < now->amount) peak->amount = now->amount;
  }
  pthread_mutex_unlock(&lock);
  if (!fits) return OUT_OF_MEMORY;
  counted(size, 1, bytes);
  return OK;
}

static int give(void *from) {
  pthread_mutex_lock(&lock);
  int i = 0;
  while (i < blockCount && blocks[i].from != from) i++;
  if (from && i < blockCount) {
    Record *now = recordOf(blocks[i].kind == DEVICE ? "held|device" : "held|pinned");
    now->times--;
    now->amount -= blocks[i].bytes;
    munmap(from, blocks[i].bytes ? blocks[i].bytes : 1);
    blocks[i] = blocks[--blockCount];
  }
  pthread_mutex_unlock(&lock);
  return OK;
}

static int kindOf(const void *address) {
  int kind = 0;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < blockCount; i++) {
    const char *end = blocks[i].from + blocks[i].bytes;
    if (blocks[i].from <= (const char *)address && (const char *)address < end) kind = blocks[i].kind;
  }
  pthread_mutex_unlock(&lock);
  return kind;
}

int cudaMalloc(void **out, size_t n) { return take(out, n, DEVICE); }
int cudaMallocFromPoolAsync(void **out, size_t n, void *pool, void *stream) { return take(out, n, DEVICE); }
int cudaMallocHost(void **out, size_t n) { return take(out, n, PINNED); }
int cudaHostAlloc(void **out, size_t n, unsigned flags) { return take(out, n, PINNED); }
int cudaFree(void *p) { return give(p); }
int cudaFreeAsync(void *p, void *stream) { return give(p); }
int cudaFreeHost(void *p) { return give(p); }

int cudaMemGetInfo(size_t *left, size_t *all) {
  pthread_mutex_lock(&lock);
  *all = memoryOfDevice();
  *left = *all - recordOf("held|device")->amount;
  pthread_mutex_unlock(&lock);
  return OK;
}

// { type, device, address there, address here }
int cudaPointerGetAttributes(int *out, const void *p) {
  memset(out, 0, 88);
  out[0] = kindOf(p);
  memcpy(out + 2, &p, sizeof p);
  memcpy(out + 4, &p, sizeof p);
  return OK;
}

/** A copy from or to pageable memory holds the caller up, whatever its name says: so that is in the key. */
static int copy(void *to, const void *from, size_t n, int way, const char *how) {
  static const char *names[] = {"host", "to device", "to host", "on device"};
  if (way == BY_ADDRESS) way = (kindOf(from) == DEVICE ? TO_HOST : 0) + (kindOf(to) == DEVICE ? TO_DEVICE : 0);
  const void *here = way == TO_DEVICE ? from : to;
  const char *host = way == ON_DEVICE ? "" : kindOf(here) == PINNED ? "pinned" : "pageable";
  char key[96];
  snprintf(key, sizeof key, "copy|%s|%s|%s|%zu", names[way & 3], how, host, n);
  counted(key, 1, n);
  if (way == TO_HOST || (long long)n <= setting("COUNTING_CUDA_COPY", 1 << 20)) memmove(to, from, n);
  return OK;
}
int cudaMemcpy(void *to, const void *from, size_t n, int way) { return copy(to, from, n, way, "waits"); }
int cudaMemcpyAsync(void *to, const void *from, size_t n, int way, void *stream) {
  return copy(to, from, n, way, "async");
}
int cudaMemcpy2DAsync(char *to, size_t toRow, const char *from, size_t fromRow, size_t width, size_t height, int way,
                      void *stream) {
  counted("copy2d", 1, width * height);
  for (size_t y = 0; y < height && width * height <= 1 << 20; y++) memmove(to + y * toRow, from + y * fromRow, width);
  return OK;
}
int cudaMemcpyFromSymbol(void *to, const void *symbol, size_t n, size_t offset, int way) {
  memset(to, 0, n);
  return OK;
}
static int fill(void *p, int value, size_t n) {
  counted("memset", 1, n);
  if (n <= 1 << 20) memset(p, value, n);
  return OK;
}
int cudaMemset(void *p, int value, size_t n) { return fill(p, value, n); }
int cudaMemsetAsync(void *p, int value, size_t n, void *stream) { return fill(p, value, n); }
