'use client'
import { Check } from 'lucide-react'
import { Toast as Parts } from 'radix-ui'
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from 'react'
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

/** One toast at a time, just above the lane, politely announced; it never takes focus. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [current, setCurrent] = useState<{ id: number; content: ToastContent } | null>(null)
  const count = useRef(0)
  const show = useCallback((content: ToastContent) => {
    count.current += 1
    setCurrent({ id: count.current, content })
  }, [])
  const hide = useCallback(() => setCurrent(null), [])
  const controls = useMemo(() => ({ show, hide }), [show, hide])
  return (
    <Context value={controls}>
      <Parts.Provider label="Notice" duration={lifeMs} swipeDirection="down">
        {children}
        {current ? (
          <OneToast
            key={current.id}
            {...current.content}
            onGone={() => setCurrent(now => (now?.id === current.id ? null : now))}
          />
        ) : null}
        <Parts.Viewport className={styles.viewport} label="Notices ({hotkey})" />
      </Parts.Provider>
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
  const [paused, setPaused] = useState(false)
  const acted = useRef(false)
  const act = () => {
    acted.current = true
    onAction?.()
    onGone()
  }
  useKeys(
    'Notice',
    keyHint && onAction ? [{ chord: keyHint, label: actionLabel?.toLowerCase() ?? 'act', run: act }] : [],
  )
  return (
    <Parts.Root
      className={styles.toast}
      type="background"
      duration={durationMs}
      data-paused={paused || undefined}
      onPause={() => setPaused(true)}
      onResume={() => setPaused(false)}
      onOpenChange={open => {
        if (open) return
        if (!acted.current) onEnd?.()
        onGone()
      }}
    >
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      <Parts.Description className={styles.text}>
        {typeof text === 'function' ? <Countdown until={until ?? 0} text={text} /> : text}
      </Parts.Description>
      {actionLabel && onAction ? (
        <Parts.Action asChild altText={keyHint ? `${actionLabel}, key ${keyHint}` : actionLabel}>
          <button type="button" className={styles.action} onClick={act}>
            {actionLabel}
            {keyHint ? <Keycap chord={keyHint} decorative /> : null}
          </button>
        </Parts.Action>
      ) : null}
      <span className={styles.life} style={{ animationDuration: `${durationMs}ms` }} aria-hidden />
    </Parts.Root>
  )
}

function Countdown({ until, text }: { until: number; text: (secondsLeft: number) => ReactNode }) {
  const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000))
  const [seconds, setSeconds] = useState(left)
  useEffect(() => {
    const timer = setInterval(() => setSeconds(Math.max(0, Math.ceil((until - Date.now()) / 1000))), 250)
    return () => clearInterval(timer)
  }, [until])
  return text(seconds)
}
