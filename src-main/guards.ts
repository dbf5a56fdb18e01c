// What a page may never do, whatever runs in it: leave, open windows, reach the network, ask for permissions.
import { app, type Session, type WebContents } from 'electron'
import { isOwnPage, mayRequest } from './addresses'

/** Copying text is the one thing that pages may do without asking. */
const allowed: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

export function guardSession(session: Session, devServer: string | undefined): void {
  session.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !mayRequest(url, devServer) }),
  )
  session.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(allowed.has(permission)),
  )
  session.setPermissionCheckHandler((_contents, permission) => allowed.has(permission))
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', event => event.preventDefault())
  session.setSpellCheckerEnabled(false) // it would fetch dictionaries
}

function guardContents(contents: WebContents, devServer: string | undefined): void {
  const stay = (event: { preventDefault(): void }, url: string): void => {
    if (!isOwnPage(url, devServer)) event.preventDefault()
  }
  contents.on('will-navigate', (event, url) => stay(event, url))
  contents.on('will-redirect', (event, url) => stay(event, url))
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

export function guardEveryPage(devServer: string | undefined): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, devServer))
}
