import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Tips } from "./components/ui/tip";
import { Toasts } from "./components/ui/toast";
import { Gate } from "./features/shell/gate";
import { client } from "./lib/api/queries";
import { SessionProvider } from "./lib/session";
import { router } from "./routes";
import "./styles/app.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <SessionProvider>
          <Gate>
            <RouterProvider router={router} />
          </Gate>
          <Toasts />
          <Tips />
        </SessionProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
