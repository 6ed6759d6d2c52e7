'use client'
import { Bookmark, CloudOff, Columns3, Pencil } from 'lucide-react'
import { type ComponentType, type ReactNode, startTransition, useRef, useState } from 'react'
import { Button } from '../ui/button'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import type { ViewTool, ViewToolProps, ViewToolsProps } from './explorer-props'
import styles from './view-tools.module.css'

/** What can be done with the view itself: save it, choose columns, change a saved one. The forms come with their first use. */
export function ViewTools(props: ViewToolsProps) {
  const { view, mayManage } = props
  const toast = useToast()
  const [open, setOpen] = useState<{ tool: ViewTool; Form: ComponentType<ViewToolProps> } | null>(null)
  const opener = useRef<HTMLElement | null>(null)
  const toggle = (tool: ViewTool) => {
    if (open?.tool === tool) return setOpen(null)
    opener.current = document.activeElement as HTMLElement | null
    import('./view-tool-forms').then(
      ({ ViewToolForm }) => startTransition(() => setOpen({ tool, Form: ViewToolForm })),
      () =>
        toast.show({
          icon: <CloudOff />,
          text: 'The server can’t be reached, so this can’t open. Try again.',
        }),
    )
  }
  useKeys('Feedback', [{ chord: 'g', label: 'slice', run: () => toggle('save'), enabled: mayManage }])
  const button = (tool: ViewTool, label: string, icon: ReactNode, keyHint?: string) => (
    <Button
      size="small"
      icon={icon}
      {...(keyHint ? { keyHint } : {})}
      aria-expanded={open?.tool === tool}
      onClick={() => toggle(tool)}
    >
      {label}
    </Button>
  )
  return (
    <div className={styles.tools}>
      <div className={styles.buttons}>
        {mayManage ? button('save', 'Save as slice or view', <Bookmark />, 'g') : null}
        {mayManage && view ? button('change', `Change “${view.name}”`, <Pencil />) : null}
        {button('columns', 'Columns', <Columns3 />)}
      </div>
      {open ? (
        <open.Form
          key={open.tool}
          {...props}
          tool={open.tool}
          onLeave={() => {
            setOpen(null)
            opener.current?.focus()
          }}
        />
      ) : null}
    </div>
  )
}
