import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Field, Select } from "@/components/ui/field";
import { secretsQuery } from "@/lib/api/queries";

interface SecretSelectProps {
  label: string;
  /** What the choice of none says; without it one must be chosen. */
  none?: string;
  help?: ReactNode;
  error?: string | undefined;
  value: string;
  onChange(next: string): void;
}

/** A secret, by its name. Values are set where secrets are kept. */
export function SecretSelect({ label, none, help, error, value, onChange }: SecretSelectProps) {
  const known = useQuery(secretsQuery).data?.map((secret) => secret.name) ?? [];
  const names = value === "" || known.includes(value) ? known : [value, ...known];
  return (
    <Field
      label={label}
      error={error}
      help={names.length > 0 ? help : <>{help} — there is no secret yet: Settings, Secrets sets one</>}
    >
      {(ids) => (
        <Select
          {...ids}
          required={none === undefined}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">{none ?? "Choose a secret"}</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}
