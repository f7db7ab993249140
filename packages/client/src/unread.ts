import type { Body, BodySink, SizeHint } from '@hyper/core/body'
import { FlowBody } from '@hyper/core/body'
