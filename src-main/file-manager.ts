// How a file or folder is shown. Pure: no Electron.

/**
 * Opening a folder may start it: on macOS a folder can be a bundle, whatever it is called. There, and for files, the
 * place is shown with the thing selected; elsewhere a folder is opened.
 */
export const isOpened = (platform: string, isFolder: boolean): boolean =>
  isFolder && platform !== 'darwin'
