import { type ComponentProps, useId } from "react";
import { Input } from "./field";

/** A time zone, written or picked from all that there are. */
export function Zone(props: ComponentProps<typeof Input>) {
  const zones = useId();
  return (
    <>
      <Input placeholder="Europe/Berlin" {...props} list={zones} />
      <datalist id={zones}>
        {["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}
