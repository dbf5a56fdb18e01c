export interface Product {
  readonly name: string
  readonly title: string
  readonly version: string
  readonly description: string
  readonly mimeType: string
}
export const desktopFile: (product: Product) => string
export const control: (of: {
  readonly product: Product
  readonly arch: 'x64' | 'arm64'
  readonly installed: number
}) => string
