import DefaultTheme from 'vitepress/theme';
import { type App, type Component, defineAsyncComponent } from 'vue';
import './book.css';
import './controls.css';

/** Parts of pages, under the names of their files: components/RunHere.vue is <RunHere />. */
const components = import.meta.glob<{ default: Component }>('./components/*.vue', { eager: true });
/** Those that need a browser, and the engine, are loaded when a page shows them: <ClientOnly><TrainPage /></ClientOnly>. */
const live = import.meta.glob<{ default: Component }>('./live/*.vue');

const nameOf = (path: string) => path.split('/').at(-1)!.replace('.vue', '');

export default {
  extends: DefaultTheme,
  enhanceApp({ app }: { app: App }) {
    for (const [path, file] of Object.entries(components)) app.component(nameOf(path), file.default);
    for (const [path, load] of Object.entries(live)) app.component(nameOf(path), defineAsyncComponent(load));
  },
};
