// The package brings no types of its own.
declare module 'unbzip2-stream' {
  /** bzip2 → plain bytes, an old-style stream */
  export default function unbzip2(): NodeJS.ReadWriteStream
}
