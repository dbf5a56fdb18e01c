// Starts the window: styles, stores, router, then the listeners that feed the stores.
import './jitless'
import '@fontsource-variable/inter/opsz.css'
import './styles/tokens.css'
import './styles/base.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { listen } from './listen'
import { router } from './router'
import { useToasts } from './stores/toasts'

const app = createApp(App)
app.use(createPinia())
app.use(router)
app.config.errorHandler = error => {
  console.error(error)
  useToasts().fault(error)
}
app.mount('#app')
listen().catch(error => useToasts().fault(error))
