// Builds the window alone, to look at it in a browser with the test double of engine-double.ts in front.
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: resolve(__dirname, '../../src-renderer'),
  base: './',
  plugins: [
    vue(),
    {
      name: 'engine-double',
      transformIndexHtml: () => [
        {
          tag: 'script',
          attrs: { type: 'module', src: '/@fs' + resolve(__dirname, 'engine-double.ts') },
          injectTo: 'head-prepend',
        },
      ],
    },
  ],
  server: { port: 5199, fs: { strict: false } },
  cacheDir: resolve(__dirname, '../../node_modules/.vite-renderer'),
})
