import { Position, useNodeId, useStoreApi } from '@xyflow/react'
import { XYHandle } from '@xyflow/system'
import type { HTMLAttributes, MouseEvent, TouchEvent } from 'react'
import { classes } from '../ui/classes.ts'
import { handleId, type Side } from './ports.ts'

interface SocketProps extends Omit<HTMLAttributes<HTMLDivElement>, 'id' | 'onMouseDown' | 'onTouchStart'> {
  readonly side: Side
  /** Exact name of the port; with the side its key inside the node. */
  readonly name: string
  /** What a person can do with wires here: begin and end them, only end them, or only see where they lead. */
  readonly takes?: 'wires' | 'ends' | 'nothing'
}

/**
 * Where a wire is plugged in: to the canvas library a handle like its own, with the same attributes and gestures. Its own one
 * listens to every change of the canvas, and thousands of listeners cost more than anything else in a frame.
 */
export function Socket({ side, name, takes = 'wires', className, ...rest }: SocketProps) {
  const store = useStoreApi()
  const nodeId = useNodeId()
  const id = handleId(side, name)
  const type = side === 'in' ? 'target' : 'source'
  const position = side === 'in' ? Position.Left : Position.Right

  const begin = (event: MouseEvent<HTMLDivElement> | TouchEvent<HTMLDivElement>): void => {
    if (nodeId === null || ('button' in event && event.button !== 0)) return
    const state = store.getState()
    XYHandle.onPointerDown(event.nativeEvent, {
      autoPanOnConnect: state.autoPanOnConnect,
      autoPanSpeed: state.autoPanSpeed,
      cancelConnection: state.cancelConnection,
      connectionMode: state.connectionMode,
      connectionRadius: state.connectionRadius,
      domNode: state.domNode,
      dragThreshold: state.connectionDragThreshold,
      flowId: state.rfId,
      getFromHandle: () => store.getState().connection.fromHandle,
      getTransform: () => store.getState().transform,
      handleDomNode: event.currentTarget,
      handleId: id,
      isTarget: side === 'in',
      isValidConnection: (connection) => store.getState().isValidConnection?.(connection) ?? true,
      lib: state.lib,
      nodeId,
      nodeLookup: state.nodeLookup,
      onConnectEnd: (...end) => store.getState().onConnectEnd?.(...end),
      onConnectStart: state.onConnectStart,
      panBy: state.panBy,
      updateConnection: state.updateConnection,
    })
  }

  return (
    <div
      {...rest}
      className={classes(
        'react-flow__handle',
        `react-flow__handle-${position}`,
        'nodrag',
        'nopan',
        type,
        takes !== 'nothing' && 'connectable connectableend',
        takes === 'wires' && 'connectablestart connectionindicator',
        className,
      )}
      data-handleid={id}
      data-nodeid={nodeId}
      data-handlepos={position}
      data-id={`${store.getState().rfId}-${nodeId}-${id}-${type}`}
      {...(takes === 'wires' && { onMouseDown: begin, onTouchStart: begin })}
    />
  )
}
