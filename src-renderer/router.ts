// Every screen has an address, so that a reload comes back to it.
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** breadcrumbs before the title */
    readonly under?: string
    readonly title: string
    /** the entry of the rail that is lit */
    readonly rail: string
  }
}

const screen = (
  path: string,
  title: string,
  /** empty: the entry of its own address */
  rail: string,
  component: RouteRecordRaw['component'] & (() => Promise<unknown>),
  under?: string,
): RouteRecordRaw => {
  const meta = { title, rail: rail || path.slice(1) }
  return { path, component, meta: under ? { ...meta, under } : meta }
}

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    screen('/', 'Home', 'home', () => import('./views/home/HomeView.vue')),
    screen('/demo/:name', 'Demo', 'home', () => import('./views/demo/DemoView.vue'), 'Home'),
    screen('/new', 'New experiment', 'new', () => import('./views/new/NewView.vue')),
    screen('/runs', 'Runs', 'runs', () => import('./views/runs/RunsView.vue')),
    screen('/runs/:id', 'Run', 'runs', () => import('./views/run/RunView.vue'), 'Runs'),
    screen('/sweeps/:id', 'Sweep', 'runs', () => import('./views/sweep/SweepView.vue'), 'Runs'),
    screen('/answers/:id', 'Answer', 'runs', () => import('./views/answer/AnswerView.vue'), 'Runs'),
    screen('/analysis', 'Analysis', 'analysis', () => import('./views/analysis/AnalysisView.vue')),
    screen('/text', 'Text', 'text', () => import('./views/text/TextView.vue'), 'Playgrounds'),
    screen('/chess', 'Chess', '', () => import('./views/chess/ChessView.vue'), 'Playgrounds'),
    screen('/paths', 'Paths', 'paths', () => import('./views/paths/PathsView.vue'), 'Playgrounds'),
    screen(
      '/snapshots',
      'Snapshots',
      'library',
      () => import('./views/snapshots/SnapshotsView.vue'),
      'Library',
    ),
    screen('/library', 'Library', 'library', () => import('./views/library/LibraryView.vue')),
    screen('/settings', 'Settings', 'settings', () => import('./views/settings/SettingsView.vue')),
    { path: '/:rest(.*)', redirect: '/' },
  ],
})
