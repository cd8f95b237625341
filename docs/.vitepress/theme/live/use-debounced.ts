/** What a page computes from, a moment after the reader has stopped changing it. */
import { onScopeDispose, type Ref, shallowRef, watch } from 'vue';

/** @param source is read at once, and `delay` milliseconds after the last change of anything it reads */
export function useDebounced<T>(source: () => T, delay = 150): Readonly<Ref<T>> {
  const value = shallowRef(source()) as Ref<T>;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  watch(
    source,
    () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        value.value = source();
      }, delay);
    },
    { deep: true },
  );
  onScopeDispose(() => clearTimeout(waiting));
  return value;
}
