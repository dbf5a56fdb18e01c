// libcublas, libcublasLt (-DLT), libcuda (-DDRIVER) and libcurand (-DEMPTY): products are counted by shape and type.
#include "counts.h"

#if defined(DRIVER)
NOTHING(cuTensorMapEncodeTiled)
#elif defined(EMPTY)
#else
static int create(void **out) { return (*out = malloc(16), 0); }
static const char *typeName(int t) {
  return t == 0 ? "f32" : t == 2 ? "f16" : t == 14 ? "bf16" : t == 1 ? "f64" : "other";
}
static int product(const char *call, int64_t m, int64_t n, int64_t k, int64_t batch, int type) {
  char key[160];
  snprintf(key, sizeof key, "product|%s|%ldx%ldx%ld|%ld|%s", call, m, n, k, batch, typeName(type));
  counted(key, 1, 2 * m * n * k * batch);
  return 0;
}

#ifdef LT
typedef struct {
  int type, batch;
  int64_t rows, columns;
} Layout;
typedef struct {
  int transposed;
} Description;
int cublasLtCreate(void **out) { return create(out); }
int cublasLtMatrixTransformDescCreate(void **out, int type) { return create(out); }
int cublasLtMatmulPreferenceCreate(void **out) { return create(out); }
int cublasLtMatrixLayoutCreate(Layout **out, int type, uint64_t rows, uint64_t columns, int64_t stride) {
  *out = malloc(sizeof **out);
  **out = (Layout){type, 1, rows, columns};
  return 0;
}
int cublasLtMatrixLayoutSetAttribute(Layout *layout, int attribute, const int *value, size_t n) {
  if (attribute == 5) layout->batch = *value;
  return 0;
}
int cublasLtMatmulDescCreate(Description **out, int compute, int scale) { return (*out = calloc(1, sizeof **out), 0); }
int cublasLtMatmulDescSetAttribute(Description *d, int attribute, const int *value, size_t n) {
  if (attribute == 3) d->transposed = *value;
  return 0;
}
static int discard(void *p) { return (free(p), 0); }
int cublasLtMatrixLayoutDestroy(void *p) { return discard(p); }
int cublasLtMatmulDescDestroy(void *p) { return discard(p); }
int cublasLtMatmulPreferenceDestroy(void *p) { return discard(p); }
int cublasLtMatmulAlgoGetHeuristic(void *h, Description *d, void *a, void *b, void *c, void *e, void *p, int wanted,
                                   char *out, int *found) {
  memset(out, 0, 96);
  return (*found = 1, 0);
}
int cublasLtMatmul(void *h, Description *what, const void *alpha, const void *a, Layout *la, const void *b, Layout *lb,
                   const void *beta, const void *c, Layout *lc, void *d, Layout *ld) {
  return product("Lt", ld->rows, ld->columns, what->transposed ? la->rows : la->columns, ld->batch, la->type);
}
NOTHING(cublasLtDestroy)
NOTHING(cublasLtMatmulPreferenceSetAttribute)
NOTHING(cublasLtMatmulAlgoInit)
NOTHING(cublasLtMatmulAlgoConfigSetAttribute)
NOTHING(cublasLtMatrixTransform)
NOTHING(cublasLtMatrixTransformDescDestroy)
#else
static __thread int mode;
int cublasCreate_v2(void **out) { return create(out); }
int cublasGetMathMode(void *h, int *out) { return (*out = mode, 0); }
int cublasSetMathMode(void *h, int value) { return (mode = value, 0); }
const char *cublasGetStatusName(int status) { return "CUBLAS_STATUS_COUNTING"; }
const char *cublasGetStatusString(int status) { return "counting"; }
int cublasSgemm_v2(void *h, int ta, int tb, int m, int n, int k) { return product("S", m, n, k, 1, 0); }
int cublasSgemmBatched(void *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int lda,
                       const void *b, int ldb, const void *beta, void *c, int ldc, int batch) {
  return product("S batched", m, n, k, batch, 0);
}
int cublasSgemmStridedBatched(void *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int lda,
                              long long sa, const void *b, int ldb, long long sb, const void *beta, void *c, int ldc,
                              long long sc, int batch) {
  return product("S strided", m, n, k, batch, 0);
}
int cublasGemmEx(void *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int type) {
  return product("Ex", m, n, k, 1, type);
}
int cublasGemmBatchedEx(void *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int type,
                        int lda, const void *b, int typeB, int ldb, const void *beta, void *c, int typeC, int ldc,
                        int batch) {
  return product("Ex batched", m, n, k, batch, type);
}
int cublasGemmStridedBatchedEx(void *h, int ta, int tb, int m, int n, int k, const void *alpha, const void *a, int type,
                               int lda, long long sa, const void *b, int typeB, int ldb, long long sb,
                               const void *beta, void *c, int typeC, int ldc, long long sc, int batch) {
  return product("Ex strided", m, n, k, batch, type);
}
/** Transposes a matrix of float32. */
int cublasSgeam(void *h, int ta, int tb, int m, int n) { return (counted("transpose", 1, (int64_t)m * n), 0); }
NOTHING(cublasDestroy_v2)
NOTHING(cublasSetStream_v2)
NEVER(cublasDcopy_v2)
NEVER(cublasDgeam)
NEVER(cublasDgemmBatched)
NEVER(cublasDgemmStridedBatched)
NEVER(cublasDgemm_v2)
NEVER(cublasDgetrfBatched)
NEVER(cublasDgetriBatched)
NEVER(cublasScopy_v2)
NEVER(cublasSgetrfBatched)
NEVER(cublasSgetriBatched)
NEVER(cublasSscal_v2)
#endif
#endif
