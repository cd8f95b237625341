import { Module } from '../nn/module.ts';
import { ones } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { hardRoute } from './hard-route.ts';
import type { Route, RouteOptions, Router } from './router.ts';

/** What stands before a layer with P = 1 among layers with routers: every token runs it, and there is nothing to learn. */
export class AlwaysRouter extends Module implements Router {
  readonly causal = 'always';

  route(z: Tensor, { valid }: RouteOptions): Route {
    const [batch, tokens] = z.shape;
    const active = ones([batch, tokens, 1], { dtype: 'bool', device: z.device }); // (B, T, 1)
    return hardRoute(active, valid, z.dtype);
  }
}
