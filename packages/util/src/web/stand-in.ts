// The one room that makes lazy objects pass for the platform's. In: a class of ours and the platform's class it stands
// for. Out: the same class, its prototype chain leading to the platform's, so that `instanceof Response` holds and
// whatever the platform adds in a later version is forwarded to a real object. The platform's classes are never touched.
//
// What such an object cannot do: code that reads the platform's private fields does not find any. That is the case for
// `new globalThis.Request(lazy)`, `globalThis.fetch(lazy)`, `cache.put(lazy, …)` and `Response.prototype.text.call(lazy)`;
// they throw a TypeError. What reads public members works: `new Response(lazy.body, lazy)`, `new Request(lazy.url, lazy)`,
// `new Headers(lazy.headers)`. `structuredClone` takes no Response, of either kind.

/** A class of the platform, as far as it matters to {@link standIn}. */
export interface PlatformClass {
  readonly prototype: object
}

/**
 * Puts `lazy` below `platform` in the prototype chain, for instances and for static members, and forwards every
 * instance member that `lazy` lacks to what `realOf` makes of the instance; those that only tell something to what
 * `plainOf` makes, where that is less. Call it once per class, before the first instance is handed out.
 */
export function standIn(
  lazy: PlatformClass,
  platform: PlatformClass,
  realOf: (self: object) => object,
  plainOf: (self: object) => object = realOf,
): void {
  Object.setPrototypeOf(lazy, platform)
  Object.setPrototypeOf(lazy.prototype, platform.prototype)
  for (const key of Object.getOwnPropertyNames(platform.prototype)) {
    if (Object.hasOwn(lazy.prototype, key)) continue
    const found = Object.getOwnPropertyDescriptor(platform.prototype, key)
    if (found === undefined) continue
    Object.defineProperty(
      lazy.prototype,
      key,
      forwarded(key, found, found.get === undefined ? realOf : plainOf),
    )
  }
}

function forwarded(
  key: string,
  found: PropertyDescriptor,
  realOf: (self: object) => object,
): PropertyDescriptor {
  if (found.get === undefined) {
    const method: unknown = found.value
    if (typeof method !== 'function') return found
    return {
      configurable: true,
      enumerable: found.enumerable ?? false,
      writable: true,
      value(this: object, ...rest: unknown[]): unknown {
        return Reflect.apply(method, realOf(this), rest)
      },
    }
  }
  return {
    configurable: true,
    enumerable: found.enumerable ?? false,
    get(this: object): unknown {
      return Reflect.get(realOf(this), key)
    },
  }
}
