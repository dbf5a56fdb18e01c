// libcudart, second part: an H100 that launches nothing. Kernels are known by the names under which the provider
// registers them; one is computed, the addition of two single float32 numbers, which the probe of a device asks for.
#include "counts.h"

size_t memoryOfDevice(void);
typedef struct {
  unsigned x, y, z;
} Dim3;

enum { OK = 0, NO_DEVICE = 100, NO_SUCH_DEVICE = 101 };

// ---------------------------------------------------------------------------------------------------------------- launches
typedef struct {
  const void *host;
  const char *name;
} Kernel;
static Kernel *kernels;
static int kernelCount, kernelRoom, inOrder;

void **__cudaRegisterFatBinary(void *code) {
  static void *handle[1];
  return handle;
}
void __cudaRegisterFatBinaryEnd(void **handle) {}
void __cudaUnregisterFatBinary(void **handle) {}
void __cudaRegisterVar(void **h, char *host, char *there, const char *name, int ext, size_t n, int fixed, int global) {}
void __cudaRegisterFunction(void **handle, const char *host, char *there, const char *name, int limit, void *tid,
                            void *bid, void *block, void *grid, int *warp) {
  if (kernelCount == kernelRoom) {
    kernelRoom = kernelRoom ? 2 * kernelRoom : 4096;
    kernels = realloc(kernels, kernelRoom * sizeof *kernels);
  }
  kernels[kernelCount++] = (Kernel){host, name};
  inOrder = 0;
}
static int byHost(const void *a, const void *b) {
  uintptr_t x = (uintptr_t)((const Kernel *)a)->host, y = (uintptr_t)((const Kernel *)b)->host;
  return (x > y) - (x < y);
}
static const char *nameOf(const void *host) {
  if (!inOrder) qsort(kernels, kernelCount, sizeof *kernels, byHost);
  inOrder = 1;
  Kernel wanted = {host, 0};
  Kernel *found = kernelCount ? bsearch(&wanted, kernels, kernelCount, sizeof *kernels, byHost) : 0;
  return found ? found->name : "?";
}
static int launch(const void *kernel, Dim3 grid, Dim3 block, void **args) {
  char key[KEY_BYTES];
  const char *name = nameOf(kernel);
  snprintf(key, sizeof key, "kernel|%s", name);
  counted(key, 1, (int64_t)grid.x * grid.y * grid.z * block.x * block.y * block.z);
  // (left, right, result, functor, count)
  if (strstr(name, "_BinaryElementWiseSimple") && strstr(name, "OP_AddIfff") && *(int *)args[4] == 1)
    **(float **)args[2] = **(float **)args[0] + **(float **)args[1];
  return OK;
}
static __thread struct {
  Dim3 grid, block;
  size_t shared;
  void *stream;
} called;
unsigned __cudaPushCallConfiguration(Dim3 grid, Dim3 block, size_t shared, void *stream) {
  called.grid = grid, called.block = block, called.shared = shared, called.stream = stream;
  return 0;
}
int __cudaPopCallConfiguration(Dim3 *grid, Dim3 *block, size_t *shared, void **stream) {
  *grid = called.grid, *block = called.block, *shared = called.shared, *stream = called.stream;
  return OK;
}
int __cudaGetKernel(const void **out, const void *host) {
  *out = host;
  return OK;
}
int cudaLaunchKernel(const void *k, Dim3 g, Dim3 b, void **a, size_t shared, void *stream) { return launch(k, g, b, a); }
int __cudaLaunchKernel(const void *k, Dim3 g, Dim3 b, void **a, size_t shared, void *stream) { return launch(k, g, b, a); }
int cudaLaunchCooperativeKernel(const void *k, Dim3 g, Dim3 b, void **a, size_t shared, void *s) {
  return launch(k, g, b, a);
}
// a configuration begins with grid and block
int cudaLaunchKernelExC(const Dim3 *config, const void *k, void **a) { return launch(k, config[0], config[1], a); }
int cudaLaunchHostFunc(void *stream, void (*work)(void *), void *data) {
  counted("host function", 1, 0);
  work(data);
  return OK;
}
int cudaFuncGetAttributes(int *out, const void *kernel) {
  memset(out, 0, 144);
  out[6] = 1024; // threads a block
  out[7] = 32;   // registers
  out[8] = out[9] = 90;
  out[11] = 232448; // dynamic shared memory
  return OK;
}
int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *out, const void *k, int threads, size_t n, unsigned f) {
  *out = threads > 1024 ? 1 : 2048 / (threads > 0 ? threads : 1);
  return OK;
}

// ------------------------------------------------------------------------------------------------------------------ device
static int deviceCount(void) {
  const char *given = getenv("COUNTING_CUDA_DEVICES");
  return given ? atoi(given) : 1;
}
static __thread int chosen;
int cudaGetDeviceCount(int *out) { return (*out = deviceCount()) ? OK : NO_DEVICE; }
int cudaGetDevice(int *out) {
  *out = chosen;
  return OK;
}
int cudaSetDevice(int index) {
  if (deviceCount() == 0) return NO_DEVICE;
  if (index < 0 || index >= deviceCount()) return NO_SUCH_DEVICE;
  chosen = index;
  return OK;
}
// where the fields of cudaDeviceProp lie in CUDA 13, and an H100's numbers
int cudaGetDeviceProperties(char *out, int index) {
  static const struct {
    int at;
    int value;
  } numbers[] = {{304, 65536}, {308, 32}, {320, 1024}, {324, 1024}, {328, 1024}, {332, 64}, {336, 2147483647},
                 {340, 65535}, {344, 65535}, {360, 9}, {364, 0}, {384, 132}, {392, 1}, {560, 1}, {568, 1}, {584, 3},
                 {588, 1}, {592, 5120}, {596, 52428800}, {604, 2048}, {632, 65536}, {668, 1}, {688, 32}, {720, 1}};
  static const struct {
    int at;
    size_t value;
  } sizes[] = {{296, 49152}, {352, 65536}, {624, 233472}, {672, 232448}, {696, 1024}};
  if (index < 0 || index >= deviceCount()) return NO_SUCH_DEVICE;
  memset(out, 0, 1008);
  strcpy(out, "Counting H100");
  size_t memory = memoryOfDevice();
  memcpy(out + 288, &memory, sizeof memory);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) memcpy(out + numbers[i].at, &numbers[i].value, 4);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) memcpy(out + sizes[i].at, &sizes[i].value, 8);
  return OK;
}
int cudaDeviceGetAttribute(int *out, int attribute, int index) {
  static const int known[][2] = {{1, 1024}, {5, 2147483647}, {8, 49152}, {10, 32}, {12, 65536}, {16, 132}, {38, 52428800},
                                 {39, 2048}, {75, 9}, {76, 0}, {81, 233472}, {95, 1}, {97, 232448}, {106, 32}, {111, 1024},
                                 {115, 1}};
  *out = 0;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i][0] == attribute) *out = known[i][1];
  return OK;
}
int cudaDriverGetVersion(int *out) { return (*out = 13000, OK); }
int cudaRuntimeGetVersion(int *out) { return (*out = 13000, OK); }
NOTHING(entryPoint)
int cudaGetDriverEntryPointByVersion(const char *name, void **out, unsigned version, uint64_t flags, int *status) {
  *out = (void *)entryPoint;
  if (status) *status = 0;
  return OK;
}
const char *cudaGetErrorName(int e) { return e == 2 ? "cudaErrorMemoryAllocation" : "cudaErrorCounting"; }
const char *cudaGetErrorString(int e) {
  return e == 2 ? "out of memory" : e == NO_DEVICE ? "no CUDA-capable device is detected" : "invalid device ordinal";
}
NOTHING(cudaGetLastError)
NOTHING(cudaPeekAtLastError)
NOTHING(cudaFuncSetAttribute)
NOTHING(cudaKernelSetAttributeForDevice)

// -------------------------------------------------------------------------------------------------- streams, events, pools
static int made(void **out) { return (*out = malloc(16), OK); }
#define WAITS(name)                                                                                                    \
  int name(void) {                                                                                                     \
    counted("wait|" #name, 1, 0);                                                                                      \
    return OK;                                                                                                         \
  }
WAITS(cudaDeviceSynchronize)
WAITS(cudaStreamSynchronize)
WAITS(cudaEventSynchronize)
int cudaStreamCreate(void **out) { return made(out); }
int cudaStreamCreateWithFlags(void **out, unsigned flags) { return made(out); }
int cudaEventCreate(void **out) { return made(out); }
int cudaEventCreateWithFlags(void **out, unsigned flags) { return made(out); }
int cudaMemPoolCreate(void **out, const void *properties) { return made(out); }
int cudaStreamEndCapture(void *stream, void **out) { return made(out); }
int cudaGraphInstantiate(void **out, void *graph, uint64_t flags) { return made(out); }
int cudaLibraryLoadData(void **out, const void *c, void *o, void *v, unsigned n, void *p, void *q, unsigned m) {
  return made(out);
}
int cudaLibraryGetKernel(void **out, void *library, const char *name) { return made(out); }
int cudaStreamIsCapturing(void *stream, int *out) { return (*out = 0, OK); }
int cudaEventElapsedTime(float *out, void *from, void *to) { return (*out = 0, OK); }
int cudaMemPoolGetAttribute(void *pool, int attribute, uint64_t *out) { return (*out = 0, OK); }
NOTHING(cudaStreamDestroy)
NOTHING(cudaStreamWaitEvent)
NOTHING(cudaStreamBeginCapture)
NOTHING(cudaGraphLaunch)
NOTHING(cudaGraphDestroy)
NOTHING(cudaGraphExecDestroy)
NOTHING(cudaEventDestroy)
NOTHING(cudaEventRecord)
NOTHING(cudaMemPoolDestroy)
NOTHING(cudaMemPoolSetAttribute)
NOTHING(cudaMemPoolTrimTo)
NOTHING(cudaLibraryUnload)
