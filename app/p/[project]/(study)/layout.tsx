import type { ComponentProps } from 'react'
import { SideFrame } from '../side-frame'

export default function StudyLayout(props: Pick<ComponentProps<typeof SideFrame>, 'params' | 'children'>) {
  return <SideFrame {...props} permission="feedback.view" />
}
