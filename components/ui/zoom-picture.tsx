'use client'
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef, useState } from 'react'
import { percent } from '@/domain/percent'
import { IconButton } from './icon-button'
import { useKeys } from './use-keys'
import styles from './zoom-picture.module.css'

interface Props {
  src: string
  alt: string
  /** In px, as it is shown upright. */
  width: number
  height: number
}

const step = 1.5
const most = 8
const panPx = 60

/** A picture in a frame of its own proportions: `+`, `-`, a double click to look closer, dragged or moved by arrow keys. */
export function ZoomPicture({ src, alt, width, height }: Props) {
  const [scale, setScale] = useState(1)
  const frame = useRef<HTMLDivElement>(null)
  /** The point that stays where it is, as shares of the picture and of the frame. */
  const anchor = useRef<{ x: number; y: number; atX: number; atY: number } | null>(null)
  const zoomed = scale > 1

  const zoomTo = (next: number, at?: { x: number; y: number }) => {
    const box = frame.current
    const to = Math.min(most, Math.max(1, next))
    if (!box || to === scale) return
    const { x, y } = at ?? { x: box.clientWidth / 2, y: box.clientHeight / 2 }
    anchor.current = {
      x: (box.scrollLeft + x) / box.scrollWidth,
      y: (box.scrollTop + y) / box.scrollHeight,
      atX: x,
      atY: y,
    }
    setScale(to)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of scale.
  useLayoutEffect(() => {
    const [box, point] = [frame.current, anchor.current]
    if (!box || !point) return
    box.scrollTo(point.x * box.scrollWidth - point.atX, point.y * box.scrollHeight - point.atY)
  }, [scale])
  useKeys('Picture', [
    { chord: '+', label: 'zoom in', enabled: scale < most, run: () => zoomTo(scale * step) },
    { chord: '-', label: 'zoom out', enabled: zoomed, run: () => zoomTo(scale / step) },
    { chord: '0', label: 'whole picture', enabled: zoomed, run: () => zoomTo(1) },
  ])

  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (!by || !zoomed || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    frame.current?.scrollBy((by[0] ?? 0) * panPx, (by[1] ?? 0) * panPx)
  }
  const drag = useRef<{ x: number; y: number; left: number; top: number } | null>(null)
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    // A finger scrolls by itself.
    if (!zoomed || event.pointerType === 'touch' || event.button !== 0) return
    const { scrollLeft: left, scrollTop: top } = event.currentTarget
    drag.current = { x: event.clientX, y: event.clientY, left, top }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const from = drag.current
    if (from)
      event.currentTarget.scrollTo(from.left - (event.clientX - from.x), from.top - (event.clientY - from.y))
  }
  const endDrag = () => {
    drag.current = null
  }
  return (
    <div className={styles.picture}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it is a scrolling area; its buttons and keys do the same. */}
      <div
        ref={frame}
        className={styles.frame}
        data-zoomed={zoomed || undefined}
        style={{ ['--ratio' as string]: width / height }}
        {...(zoomed
          ? {
              role: 'group',
              tabIndex: 0,
              'aria-label': 'Picture, larger than its frame. Arrow keys move it.',
            }
          : {})}
        onKeyDown={onKeyDown}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={endDrag}
        onPointerCancel={endDrag}
        onDoubleClick={event => {
          const box = event.currentTarget.getBoundingClientRect()
          zoomTo(zoomed ? 1 : 2.5, { x: event.clientX - box.left, y: event.clientY - box.top })
        }}
      >
        {/* biome-ignore lint/performance/noImgElement: the image optimiser is switched off, since it would fetch for anyone. */}
        <img
          src={src}
          alt={alt}
          width={width}
          height={height}
          style={{ width: `${scale * 100}%` }}
          draggable={false}
        />
      </div>
      <div className={styles.tools}>
        <span role="status" className={styles.scale}>
          {zoomed ? percent(scale, 0) : ''}
        </span>
        <IconButton
          label="Zoom out"
          keyHint="-"
          icon={<ZoomOut />}
          disabled={!zoomed}
          onClick={() => zoomTo(scale / step)}
        />
        <IconButton
          label="Zoom in"
          keyHint="+"
          icon={<ZoomIn />}
          disabled={scale >= most}
          onClick={() => zoomTo(scale * step)}
        />
        <IconButton
          label="Whole picture"
          keyHint="0"
          icon={<Maximize />}
          disabled={!zoomed}
          onClick={() => zoomTo(1)}
        />
      </div>
    </div>
  )
}
