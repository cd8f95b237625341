/** A live page's state, kept in its address: shared by copying the address, there again after a reload. */
import { onScopeDispose, reactive, watch } from 'vue';
import { copyOf, readState, type UrlState, writeState } from './url-state.ts';

/**
 * Reactive state that starts from the address and goes back into it, a moment after it has changed.
 * To be called in the setup of a component that only a browser renders (`<ClientOnly>`).
 *
 * @param defaults what holds where the address says nothing; its values also say what kind each value is
 * @param tidy brings values from an address, which may be anybody's, into the range the page can show
 */
export function useUrlState<S extends UrlState<S>>(defaults: S, tidy: (state: S) => S = (state) => state): S {
  const fromAddress = (): S => tidy(readState(location.search, defaults));
  const state = reactive(fromAddress()) as S;
  const page = location.pathname;

  let waiting: ReturnType<typeof setTimeout> | undefined;
  const toAddress = (): void => {
    waiting = undefined;
    if (location.pathname !== page) return; // the reader has left
    const query = writeState(state, defaults, location.search);
    // What is there as history's own state belongs to the site's router.
    if (query !== location.search) history.replaceState(history.state, '', `${page}${query}${location.hash}`);
  };
  watch(
    () => copyOf(state),
    () => {
      clearTimeout(waiting);
      waiting = setTimeout(toAddress, 250);
    },
    { deep: true },
  );

  const onPopState = (): void => {
    if (location.pathname === page) Object.assign(state, fromAddress());
  };
  addEventListener('popstate', onPopState);
  onScopeDispose(() => {
    removeEventListener('popstate', onPopState);
    if (waiting !== undefined) {
      clearTimeout(waiting);
      toAddress();
    }
  });
  return state;
}
