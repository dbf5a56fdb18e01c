interface Means {
  ownIsThere(): boolean
  isWhole(): boolean
  isReachable(): boolean
  downloadOwn(): boolean
  fetchFallback(): unknown
}
export function pickRuntime(means: Means): 'own' | 'fallback'
export function treeDigest(folder: string): string
