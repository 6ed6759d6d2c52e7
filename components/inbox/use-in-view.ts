'use client'
import { type RefObject, useEffect, useEffectEvent } from 'react'

/** Calls back when an element comes into sight or leaves it; a hidden page shows nothing. */
export function useInView(ref: RefObject<HTMLElement | null>, onChange: (visible: boolean) => void): void {
  const change = useEffectEvent(onChange)
  useEffect(() => {
    const element = ref.current
    if (!element) return
    let intersects = false
    const update = () => change(intersects && document.visibilityState === 'visible')
    const observer = new IntersectionObserver(
      entries => {
        intersects = (entries.at(-1)?.intersectionRatio ?? 0) >= 0.5
        update()
      },
      { threshold: [0, 0.5] },
    )
    observer.observe(element)
    document.addEventListener('visibilitychange', update)
    return () => {
      observer.disconnect()
      document.removeEventListener('visibilitychange', update)
      change(false)
    }
  }, [ref])
}
