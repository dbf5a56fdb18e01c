export interface Picture {
  readonly side: number
  readonly png: Buffer
}
export const ico: (pictures: readonly Picture[]) => Buffer
export const icns: (pictures: readonly Picture[]) => Buffer
