'use client'
import { Check } from 'lucide-react'
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from 'react'
import { Keycap } from './keycap'
import styles from './toast.module.css'
import { useKeys } from './use-keys'

export interface ToastContent {
  icon?: ReactNode
  /** One sentence, fact first: “Reply accepted.” A function is drawn again as the seconds to `until` run down. */
  text: ReactNode | ((secondsLeft: number) => ReactNode)
  /** When what it tells of really happens, in epoch milliseconds. Hovering holds the toast, never the clock. */
  until?: number
  actionLabel?: string
  onAction?: () => void
  /** Life in milliseconds; 8,000 unless something that is about to leave says otherwise. */
  durationMs?: number
  /** The chord that presses the action while the toast is up (`z`). */
  keyHint?: string
  /** Called when it leaves by itself or by Escape, not when its action was pressed. */
  onEnd?: () => void
}

interface ToastControls {
  /** Shows a toast in place of the one that is up. */
  show: (content: ToastContent) => void
  hide: () => void
}

const Context = createContext<ToastControls | null>(null)
const lifeMs = 8000

export function useToast(): ToastControls {
  const context = use(Context)
  if (!context) throw new Error('Toasts are used outside ToastProvider')
  return context
}

/** One toast at a time, just above the lane, politely announced; it never takes focus. F8 goes to it. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [current, setCurrent] = useState<{ id: number; content: ToastContent } | null>(null)
  const count = useRef(0)
  const list = useRef<HTMLOListElement>(null)
  const show = useCallback((content: ToastContent) => {
    count.current += 1
    setCurrent({ id: count.current, content })
  }, [])
  const hide = useCallback(() => setCurrent(null), [])
  const controls = useMemo(() => ({ show, hide }), [show, hide])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'F8') list.current?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <Context value={controls}>
      {children}
      {/* Told when it comes; its running seconds are not told again. */}
      <ol
        ref={list}
        className={styles.viewport}
        aria-label="Notices (F8)"
        aria-live="polite"
        aria-relevant="additions"
        tabIndex={-1}
      >
        {current ? (
          <OneToast
            key={current.id}
            {...current.content}
            onGone={() => setCurrent(now => (now?.id === current.id ? null : now))}
          />
        ) : null}
      </ol>
    </Context>
  )
}

function OneToast({
  icon = <Check />,
  text,
  actionLabel,
  onAction,
  durationMs = lifeMs,
  keyHint,
  onEnd,
  until,
  onGone,
}: ToastContent & { onGone: () => void }) {
  const leave = useEffectEvent(() => {
    onEnd?.()
    onGone()
  })
  const { paused, pausing } = useLife(durationMs, leave)
  const act = () => {
    onAction?.()
    onGone()
  }
  useKeys(
    'Notice',
    keyHint && onAction ? [{ chord: keyHint, label: actionLabel?.toLowerCase() ?? 'act', run: act }] : [],
  )
  return (
    <li
      className={styles.toast}
      data-paused={paused || undefined}
      {...pausing}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onEnd?.()
        onGone()
      }}
    >
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      <div className={styles.text}>
        {typeof text === 'function' ? <Countdown until={until ?? 0} text={text} /> : text}
      </div>
      {actionLabel && onAction ? (
        <button type="button" className={styles.action} onClick={act}>
          {actionLabel}
          {keyHint ? <Keycap chord={keyHint} decorative /> : null}
        </button>
      ) : null}
      <span className={styles.life} style={{ animationDuration: `${durationMs}ms` }} aria-hidden />
    </li>
  )
}

/** Runs down unless somebody looks closer: hovered, focused, or with the window left. */
function useLife(lifeMs: number, onEnd: () => void) {
  const [holds, setHolds] = useState<readonly string[]>([])
  const left = useRef(lifeMs)
  const paused = holds.length > 0
  const end = useEffectEvent(onEnd)
  useEffect(() => {
    if (paused) return
    const began = performance.now()
    const timer = setTimeout(end, left.current)
    return () => {
      clearTimeout(timer)
      left.current = Math.max(0, left.current - (performance.now() - began))
    }
  }, [paused])
  const hold = (why: string) => () => setHolds(now => (now.includes(why) ? now : [...now, why]))
  const free = (why: string) => () => setHolds(now => now.filter(other => other !== why))
  useEffect(() => {
    const leave = () => setHolds(now => [...now, 'window'])
    const back = () => setHolds(now => now.filter(other => other !== 'window'))
    window.addEventListener('blur', leave)
    window.addEventListener('focus', back)
    return () => {
      window.removeEventListener('blur', leave)
      window.removeEventListener('focus', back)
    }
  }, [])
  return {
    paused,
    pausing: {
      onPointerEnter: hold('pointer'),
      onPointerLeave: free('pointer'),
      onFocus: hold('focus'),
      onBlur: free('focus'),
    },
  }
}

const secondsTo = (until: number) => Math.max(0, Math.ceil((until - Date.now()) / 1000))

function Countdown({ until, text }: { until: number; text: (secondsLeft: number) => ReactNode }) {
  const [seconds, setSeconds] = useState(() => secondsTo(until))
  useEffect(() => {
    const timer = setInterval(() => setSeconds(secondsTo(until)), 250)
    return () => clearInterval(timer)
  }, [until])
  return text(seconds)
}
