// Made by `npm run gen:api` from tests/http/openapi.json. Do not edit.
export interface paths {
    "/api/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This page */
        get: operations["docs_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How this page looks */
        get: operations["docs_style"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tasks by name, with their numbers */
        get: operations["simple_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List environments that are there as folders */
        get: operations["simple_environments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the folders of tasks */
        get: operations["simple_projects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/requirements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the places where requirements are written */
        get: operations["simple_requirements"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/validate-environment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look whether a task can name an environment */
        post: operations["simple_validate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the task with this number */
        get: operations["simple_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the newest runs of the task with this number */
        get: operations["simple_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{id}/schedule": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set when the task with this number runs, and in what */
        put: operations["simple_schedule"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/all-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List everybody's tokens */
        get: operations["admin_all_tokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/all-tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke anybody's token */
        delete: operations["admin_revoke_any"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done, newest first */
        get: operations["admin_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the whole audit log and find what was changed in it */
        get: operations["admin_verify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List environments, last used first */
        get: operations["environments_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look for mistakes in requirements, without resolving them */
        post: operations["environments_validate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show an environment and its packages */
        get: operations["environments_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare the locks of two environments, or a lock with the one before */
        get: operations["environments_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{environment}/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the lock of an environment as a requirements file with hashes */
        get: operations["environments_lock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow what happens, as server-sent events */
        get: operations["live_happenings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List hooks */
        get: operations["hooks_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{hook}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a hook, and how it stands */
        get: operations["hooks_show"];
        /** Make a hook, or put another in its place */
        put: operations["hooks_save"];
        post?: never;
        /** Remove a hook with its deliveries */
        delete: operations["hooks_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{hook}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the deliveries of a hook, newest first */
        get: operations["hooks_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{hook}/deliveries/{delivery}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a delivery, and each try of it */
        get: operations["hooks_delivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{hook}/deliveries/{delivery}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have a delivery sent again */
        post: operations["hooks_redeliver_one"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{hook}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have all deliveries of a hook sent again that were given up */
        post: operations["hooks_redeliver_dead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{hook}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send something to a hook now, to see whether it arrives */
        post: operations["hooks_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List images, newest first */
        get: operations["images_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/images/{image}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show an image */
        get: operations["images_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Keep an image whatever housekeeping thinks, or no longer */
        patch: operations["images_pin"];
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow several things over one WebSocket */
        get: operations["socket_open"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell who asks, and what they may do */
        get: operations["sessions_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change one's password, which ends all sessions and begins a new one */
        put: operations["sessions_change_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's sessions */
        get: operations["sessions_list"];
        put?: never;
        post?: never;
        /** End all one's sessions but this one */
        delete: operations["sessions_end_others"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's sessions */
        delete: operations["sessions_end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The OpenAPI 3.1 document of this API */
        get: operations["docs_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell how everything was lately, and what comes next */
        get: operations["overview_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prune": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what housekeeping would remove, and why */
        get: operations["images_plan"];
        put?: never;
        /** Remove what is no longer needed */
        post: operations["images_carry_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the report of the last 24 hours, as it is mailed */
        get: operations["hooks_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List runs, newest first */
        get: operations["runs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop all runs that wait or go on */
        post: operations["launch_cancel_all"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a run */
        get: operations["runs_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Keep a run whatever housekeeping thinks, or no longer */
        patch: operations["runs_pin"];
        trace?: never;
    };
    "/api/v1/runs/{run}/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the files kept from a run */
        get: operations["runs_artifacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/artifacts/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a file kept from a run, whole or a range of it */
        get: operations["runs_download"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the attempts of a run, first to last */
        get: operations["runs_attempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a run */
        post: operations["launch_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what changed since another run of the task */
        get: operations["runs_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a page of a run's log */
        get: operations["logs_of_run"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/log/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a run's log as plain text, also in part (Range) */
        get: operations["download_of_run"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/log/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Look for something in a run's log, from its end */
        get: operations["logs_search_run"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/log/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow the log of a run to its end, as server-sent events */
        get: operations["live_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run again what an earlier run did */
        post: operations["launch_rerun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what the script left as its result */
        get: operations["runs_result"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what an attempt used over time */
        get: operations["runs_used"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the schedules of all tasks */
        get: operations["schedules_list_all"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause all schedules, or let them go on */
        post: operations["schedules_pause_all"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell what a schedule would do, with its next slots */
        post: operations["schedules_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secret-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See whether every secret opens and every task has what it names */
        get: operations["secrets_check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secret-key/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Seal all with a new master key: the newest of the key file, or one that is made */
        post: operations["secrets_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List secrets, without their values */
        get: operations["secrets_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/{secret}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a secret, without its value */
        get: operations["secrets_show"];
        /** Give a secret a value, making it if there is none */
        put: operations["secrets_set"];
        post?: never;
        /** Remove a secret with its grants */
        delete: operations["secrets_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/{secret}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the runs that were given a secret, newest first */
        get: operations["secrets_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/secrets/{secret}/tasks/{task}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Let a task have a secret */
        put: operations["secrets_grant"];
        post?: never;
        /** Let a task have a secret no longer */
        delete: operations["secrets_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in */
        post: operations["sessions_sign_in"];
        /** Sign out */
        delete: operations["sessions_sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in by the link that the service printed */
        post: operations["sessions_open_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enter the password again, for what needs it */
        post: operations["sessions_step_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all settings, each with its source; the ETag goes into If-Match of a change */
        get: operations["system_settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change settings in runbay.toml, of those that may be changed while the service runs */
        patch: operations["system_change"];
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the first admin */
        post: operations["sessions_set_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/slots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what became of slots, newest first */
        get: operations["schedules_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell the version of the service and how it stands */
        get: operations["system_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Examine machine, engine and settings; takes some seconds */
        post: operations["system_doctor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Add up what the data folder holds */
        get: operations["system_storage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tasks, by name */
        get: operations["tasks_list"];
        put?: never;
        /** Make a task from a template or from given files */
        post: operations["tasks_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a task */
        get: operations["tasks_show"];
        put?: never;
        post?: never;
        /** Delete a task; its runs, logs and versions are kept */
        delete: operations["tasks_remove"];
        options?: never;
        head?: never;
        /** Change description, tags, or whether new runs are allowed */
        patch: operations["tasks_change"];
        trace?: never;
    };
    "/api/v1/tasks/{task}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a task's code as a tar.gz, of which the same task can be made */
        get: operations["files_pack"];
        /** Make a task of a tar, tar.gz or zip */
        put: operations["files_upload"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/build": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell how the last build of a task, or of its lock, stands */
        get: operations["builds_show"];
        put?: never;
        /** Build the image of a task */
        post: operations["builds_start"];
        /** Stop a build */
        delete: operations["builds_cancel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/build/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a page of the log of a task's last build */
        get: operations["logs_of_build"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/build/log/raw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the log of a task's last build as plain text */
        get: operations["download_of_build"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/build/log/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Look for something in the log of a task's last build, from its end */
        get: operations["logs_search_build"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/build/log/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow what is built for a task, or was built last, to its end, as server-sent events */
        get: operations["live_build"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare two versions, or one with the folder as it is now */
        get: operations["versions_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/duplicate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a task with the same code */
        post: operations["tasks_duplicate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/environment/adoption": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Build a proposed lock, and make it the one in use */
        post: operations["builds_adopt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/environment/proposal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resolve the requirements of a task anew; nothing changes yet */
        post: operations["builds_propose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the files of a task */
        get: operations["files_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/files/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a file of a task; its ETag goes into If-Match when it is written back */
        get: operations["files_read"];
        /** Write a file of a task; what it held before is kept as a version */
        put: operations["files_write"];
        post?: never;
        /** Remove a file, or an empty folder, of a task */
        delete: operations["files_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/loss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what deleting a task would take away */
        get: operations["tasks_loss"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/rename": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a task another name; its history comes along */
        post: operations["tasks_rename"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/rename-file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a file or folder of a task another name */
        post: operations["files_rename"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a task; with files, try them without saving them */
        post: operations["launch_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the schedules of a task */
        get: operations["schedules_list"];
        put?: never;
        /** Add a schedule to a task's manifest */
        post: operations["schedules_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/schedules/{schedule}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Write another schedule instead of this one */
        put: operations["schedules_replace"];
        post?: never;
        /** Remove a schedule from a task's manifest; its ledger stays */
        delete: operations["schedules_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/schedules/{schedule}/make-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run what a schedule missed */
        post: operations["schedules_make_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/schedules/{schedule}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause a schedule, or let it go on */
        post: operations["schedules_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/variables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the variables that runs of a task get, and where each is from */
        get: operations["variables_of_task"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the versions of a task's code, newest first */
        get: operations["versions_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the files of a version */
        get: operations["versions_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/versions/{version}/files/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a file of a version */
        get: operations["versions_read"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task}/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Bring a version back into the folder of its task; what that holds is kept as a version */
        post: operations["versions_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's tokens */
        get: operations["admin_tokens"];
        put?: never;
        /** Make a token */
        post: operations["admin_add_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke one of one's tokens */
        delete: operations["admin_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/triggers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List triggers */
        get: operations["triggers_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/triggers/{trigger}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Make a trigger, or put another in its place; a new token is shown once */
        put: operations["triggers_save"];
        post?: never;
        /** Remove a trigger */
        delete: operations["triggers_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/triggers/{trigger}/fire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a run, with the token of the trigger or a signature */
        post: operations["triggers_fire"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/triggers/{trigger}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a trigger a new token, which is shown once */
        post: operations["triggers_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List users */
        get: operations["admin_users"];
        put?: never;
        /** Make a user */
        post: operations["admin_add_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a user */
        get: operations["admin_user"];
        put?: never;
        post?: never;
        /** Remove a user with their sessions and tokens */
        delete: operations["admin_remove_user"];
        options?: never;
        head?: never;
        /** Change what a user may do, or let them in no longer */
        patch: operations["admin_change_user"];
        trace?: never;
    };
    "/api/v1/users/{user}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set the password of a user, which ends their sessions */
        put: operations["admin_set_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/variables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List variables */
        get: operations["variables_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/variables/{variable}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a variable of all tasks, of those with a tag, or of one */
        put: operations["variables_set"];
        post?: never;
        /** Remove a variable of all tasks, of those with a tag, or of one */
        delete: operations["variables_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answer as long as the service lives */
        get: operations["metrics_lives"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell what is counted and measured, for Prometheus */
        get: operations["metrics_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell whether runs can begin, and to those who are signed in why not */
        get: operations["metrics_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Which lock is taken into use. */
        Adopting: {
            /** @description The lock. */
            lock: components["schemas"]["Digest"];
        };
        /** @description What is done for a task. */
        Aim: {
            image: components["schemas"]["Making"];
        } | "proposal" | {
            adoption: components["schemas"]["Adopting"];
        };
        /** @description A token for programs. */
        ApiToken: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends; none if never.
             */
            expires_at: string | null;
            /** @description Its id, which is part of it. */
            id: components["schemas"]["TokenId"];
            /** @description What it is for, in its owner's words. */
            name: string;
            /** @description Its owner, whose role bounds it; none for the owner of the data folder. */
            owner: components["schemas"]["UserName"] | null;
            /** @description What it may do at most. */
            scopes: components["schemas"]["Scope"][];
            /** @description The only tasks it is for; none if for all. */
            tasks: components["schemas"]["TaskName"][] | null;
            /**
             * Format: date-time
             * @description When it was last used, to the minute.
             */
            used_at: string | null;
        };
        /** @description A file kept from a run. */
        Artifact: {
            /**
             * Format: uint64
             * @description Its size.
             */
            bytes: number;
            /** @description The digest of its content. */
            digest: components["schemas"]["Digest"];
            /** @description Its path below the run's artifact folder, `/`-separated. */
            path: string;
        };
        /** @description One container launch for a run. */
        Attempt: {
            /** @description The container, once created. While it is unset, start was never sent. */
            container_id: components["schemas"]["ContainerId"] | null;
            /**
             * @description The name of its container: unique on the engine, hence the fence that
             *     keeps one attempt from starting twice.
             */
            container_name: string;
            /**
             * Format: date-time
             * @description When the attempt began.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it must be over.
             */
            deadline: string | null;
            /**
             * Format: int64
             * @description The script's exit code, when it had one.
             */
            exit_code: number | null;
            /**
             * Format: date-time
             * @description When it was over.
             */
            finished_at: string | null;
            /** @description The run and the number. */
            id: components["schemas"]["AttemptId"];
            /**
             * @description The end we decided on before the container was told, so that a crash in
             *     between cannot turn a cancel into a failure.
             */
            intent: components["schemas"]["Outcome"] | null;
            /** @description What it cost. */
            measurements: components["schemas"]["Measurements"];
            /** @description How it ended. */
            outcome: components["schemas"]["Outcome"] | null;
            /** @description A sentence about the end, for people. */
            reason: string | null;
            /**
             * Format: date-time
             * @description When the gate let user code begin.
             */
            started_at: string | null;
        };
        /** @description One container launch for a run; `number` counts from 1. */
        AttemptId: {
            /**
             * Format: uint32
             * @description 1 for the first launch.
             */
            number: number;
            /** @description The run it belongs to. */
            run: components["schemas"]["RunId"];
        };
        /** @description An entry of the log. */
        AuditEntry: {
            /** @description What. */
            action: string;
            /** @description Who. */
            actor: string;
            /** @description From where. */
            address: string | null;
            /** @description The digest of the object after. */
            after: components["schemas"]["Digest"] | null;
            /**
             * Format: date-time
             * @description When it was noted, to the microsecond.
             */
            at: string;
            /** @description The digest of the object before. */
            before: components["schemas"]["Digest"] | null;
            /** @description A few words for people. */
            detail: string | null;
            /** @description The digest of all of the above. */
            hash: components["schemas"]["Digest"];
            /** @description To what. */
            object: string | null;
            /** @description The digest of the entry before; of the first, that of nothing. */
            previous: components["schemas"]["Digest"];
            /**
             * Format: int64
             * @description Its place, from 1 without gaps.
             */
            seq: number;
            /** @description What became of it. */
            verdict: components["schemas"]["Verdict"];
            /** @description How they proved it. */
            via: components["schemas"]["Via"] | null;
        };
        /**
         * @description How the pauses between attempts grow.
         *     - `exponential`: Each is twice the one before, an hour at most.
         *     - `fixed`: All are the same.
         * @enum {string}
         */
        Backoff: "exponential" | "fixed";
        /** @description As much of a run as its status and length need. */
        Brief: {
            /**
             * Format: date-time
             * @description When somebody asked to stop it.
             */
            cancel_requested_at: string | null;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was over.
             */
            finished_at: string | null;
            /** @description Its id. */
            id: components["schemas"]["RunId"];
            /**
             * Format: date-time
             * @description While it is queued: not before this moment.
             */
            not_before: string | null;
            /** @description How it ended; set exactly when finished. */
            outcome: components["schemas"]["Outcome"] | null;
            /**
             * Format: date-time
             * @description When its container was started.
             */
            started_at: string | null;
            /** @description Where it stands. */
            state: components["schemas"]["RunState"];
            /** @description The task. */
            task: components["schemas"]["TaskName"];
        };
        /** @description An image of a task, and what it took to have it. */
        Built: {
            /** @description Whether it was there already. */
            cached: boolean;
            /** @description The environment it stands on. */
            environment: components["schemas"]["Digest"];
            /** @description The image. */
            image: components["schemas"]["ImageId"];
            /**
             * Format: uint64
             * @description Its size with all its layers, bytes.
             */
            image_bytes: number;
            /** @description The lock of that environment. */
            lock: components["schemas"]["Digest"];
            /**
             * Format: double
             * @description How long it took, seconds.
             */
            seconds: number;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
            /** @description The code in it. */
            version: components["schemas"]["Digest"];
        };
        Bytes: number;
        /** @description How many runs were asked to stop. */
        Cancelled: {
            /**
             * Format: uint
             * @description Runs.
             */
            cancelled: number;
        };
        /**
         * @description What happens with slots that came due while nobody looked.
         *     - `none`: They are missed.
         *     - `latest`: The latest is made up for, the others are missed.
         *     - `all`: The latest few are made up for.
         * @enum {string}
         */
        CatchUp: "none" | "latest" | "all";
        /**
         * @description Why a slot has no run.
         *     - `overlap`: Skipped: runs of the task were not over.
         *     - `paused`: Skipped: the schedule was paused, or all were.
         *     - `queue_full`: Skipped: too many runs were waiting.
         *     - `unfit`: Skipped: the task is gone, disabled or has a mistake.
         *     - `superseded`: Missed: a later slot was made up for instead.
         *     - `too_late`: Missed: it was later than the schedule's window.
         *     - `no_catch_up`: Missed: the schedule makes up for nothing.
         *     - `changed`: Missed: the schedule was changed or removed before anybody looked.
         * @enum {string}
         */
        Cause: "overlap" | "paused" | "queue_full" | "unfit" | "superseded" | "too_late" | "no_catch_up" | "changed";
        /** @description One difference between two runs of a task. */
        Change: {
            /** @description The version before. */
            from: components["schemas"]["Digest"];
            /** @description The version now. */
            to: components["schemas"]["Digest"];
            /** @enum {string} */
            what: "code";
        } | {
            /** @description Before. */
            from: components["schemas"]["PythonVersion"];
            /** @description Now. */
            to: components["schemas"]["PythonVersion"];
            /** @enum {string} */
            what: "python";
        } | (components["schemas"]["PackageDiff"] & {
            /** @enum {string} */
            what: "packages";
        }) | {
            /** @description The lock before. */
            from: components["schemas"]["Digest"];
            /** @description The lock now. */
            to: components["schemas"]["Digest"];
            /** @enum {string} */
            what: "hashes";
        } | {
            /** @description The image before. */
            from: components["schemas"]["ImageId"];
            /** @description The image now. */
            to: components["schemas"]["ImageId"];
            /** @enum {string} */
            what: "base";
        } | {
            /** @description Its value before, if it had one. */
            from: unknown;
            /** @description Its name. */
            name: string;
            /** @description Its value now, if it has one. */
            to: unknown;
            /** @enum {string} */
            what: "parameter";
        } | {
            /** @description Before. */
            from: string[];
            /** @description Now. */
            to: string[];
            /** @enum {string} */
            what: "arguments";
        } | {
            /** @description Before. */
            from: string;
            /** @description Its name. */
            name: string;
            /** @description Now. */
            to: string;
            /** @enum {string} */
            what: "limit";
        } | {
            /**
             * Format: double
             * @description Before, milliseconds.
             */
            from_ms: number;
            /**
             * Format: double
             * @description Now, milliseconds.
             */
            to_ms: number;
            /** @enum {string} */
            what: "duration";
        };
        /** @description A package that is in both locks, in different versions. */
        ChangedPackage: {
            /** @description The version before. */
            from: string;
            /** @description Its normalised name. */
            name: string;
            /** @description The version now. */
            to: string;
        };
        /** @description What a look at all secrets found. */
        Checkup: {
            /** @description The master key; none before the first secret. */
            key: components["schemas"]["KeyId"] | null;
            /** @description The file with the master key. */
            key_file: string;
            /** @description What is right, but may surprise. */
            notes: string[];
            /** @description What is wrong; empty when nothing is. */
            problems: string[];
            /**
             * Format: uint
             * @description How many secrets there are.
             */
            secrets: number;
        };
        /** @description Two locks and how they differ. */
        Comparison: {
            /** @description The older, or the first named. */
            from: components["schemas"]["Locked"];
            /** @description What leads from one to the other. */
            packages: components["schemas"]["PackageDiff"];
            /** @description The newer, or the second named. */
            to: components["schemas"]["Locked"];
        };
        /** @description The engine's id of a container. */
        ContainerId: string;
        /** @description When a report of the last 24 hours is mailed. */
        Daily: {
            /** @description The time of day, `07:00`. */
            at: string;
            /**
             * @description The zone, such as `Europe/Berlin`; that of the service if none is named.
             * @default null
             */
            timezone: string | null;
        };
        /** @description A day of whoever asks. */
        Day: {
            /**
             * Format: date
             * @description The day.
             */
            day: string;
            /**
             * Format: uint32
             * @description Those that failed by themselves: by their code, their build or a limit.
             */
            failed: number;
            /**
             * Format: uint64
             * @description Half of those that succeeded took no longer, milliseconds.
             */
            median_ms: number | null;
            /**
             * Format: uint64
             * @description Of 20 that succeeded, 19 took no longer, milliseconds.
             */
            p95_ms: number | null;
            /**
             * Format: uint32
             * @description All of them.
             */
            runs: number;
            /**
             * Format: uint32
             * @description Those that succeeded.
             */
            succeeded: number;
        };
        /**
         * @description What became of a slot.
         *     - `ran`: A run was made.
         *     - `skipped`: No run was made, because somebody or some rule said so.
         *     - `missed`: No run was made, because nobody looked in time.
         * @enum {string}
         */
        Decision: "ran" | "skipped" | "missed";
        /** @description A task that is gone. */
        Deleted: {
            /** @description Runs that are not over. */
            active_runs: components["schemas"]["RunId"][];
            /**
             * Format: uint64
             * @description Their sizes together, bytes.
             */
            bytes: number;
            /**
             * Format: uint
             * @description How many files go.
             */
            files: number;
            /** @description The version its code is kept as; none when no image could hold it. */
            kept_as: components["schemas"]["Digest"] | null;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
            /**
             * @description Files among them that no version keeps, since the ignore rules leave
             *     them out; the first hundred.
             */
            unkept: string[];
        };
        /** @description One event sent to a hook. */
        Delivery: {
            /**
             * Format: date-time
             * @description When that happened.
             */
            at: string;
            /** @description The facts. */
            data: unknown;
            /** @description What is told. */
            event: components["schemas"]["HookEvent"];
            /** @description What tells it from others, the same at every try (`webhook-id`). */
            id: string;
            /**
             * Format: date-time
             * @description Not before this moment.
             */
            next_at: string;
            /** @description Why it was not taken, at the last try. */
            problem: string | null;
            /**
             * Format: uint32
             * @description Of these, how often the receiver was there and did not take it.
             */
            refusals: number;
            /** @description The run it is about. */
            run: components["schemas"]["RunId"] | null;
            /**
             * Format: int64
             * @description Its place in the order of all.
             */
            seq: number;
            /**
             * Format: date-time
             * @description Since when it waits, or waited.
             */
            since: string;
            /** @description How it stands. */
            state: components["schemas"]["DeliveryState"];
            /**
             * Format: uint16
             * @description The status the receiver last answered with.
             */
            status: number | null;
            /** @description The task it is about. */
            task: components["schemas"]["TaskName"] | null;
            /**
             * Format: date-time
             * @description When it was last tried.
             */
            tried_at: string | null;
            /**
             * Format: uint32
             * @description How often it was sent.
             */
            tries: number;
        };
        /**
         * @description How a delivery stands.
         *     - `waiting`: It is to be sent, now or again later.
         *     - `delivered`: The receiver took it.
         *     - `dead`: It is not tried any more, unless somebody asks.
         * @enum {string}
         */
        DeliveryState: "waiting" | "delivered" | "dead";
        /** @description A delivery, and how it was tried. */
        DeliveryTries: {
            /** @description The delivery. */
            delivery: components["schemas"]["Delivery"];
            /** @description Its tries, newest first; of very many the last 50. */
            history: components["schemas"]["Try"][];
        };
        /** @description All that is known of an environment. */
        Detail: {
            /** @description The image. */
            image: components["schemas"]["ImageId"] | null;
            /**
             * Format: uint64
             * @description Its size, bytes.
             */
            image_bytes: number | null;
            /** @description Its key. */
            key: components["schemas"]["Digest"];
            /** @description The lock in use. */
            lock: components["schemas"]["LockSummary"] | null;
            /** @description Every lock it had, newest first, the one in use among them. */
            locks: components["schemas"]["LockSummary"][];
            /** @description What that means: every package of the lock. */
            packages: components["schemas"]["Package"][];
            /** @description What requirements may ask for. */
            policy: components["schemas"]["Policy"];
            /** @description The Python release. */
            python: components["schemas"]["PythonVersion"];
            /** @description What was asked for: one line each. */
            requirements: string[];
            /** @description The tasks that need it now. */
            tasks: components["schemas"]["TaskName"][];
            /** @description The template it stands on. */
            template: string | null;
            /**
             * Format: date-time
             * @description When a run last used it; none when none did.
             */
            used_at: string | null;
        };
        /** @description A SHA-256 in lower-case hex: the key of a version, environment or image. */
        Digest: string;
        /** @description The room on a disk. */
        Disk: {
            /**
             * Format: uint64
             * @description All of it, bytes.
             */
            bytes: number;
            /**
             * Format: uint64
             * @description What is left of it for us, bytes.
             */
            free_bytes: number;
        };
        /** @description What one check found. */
        DoctorCheck: {
            /** @description What was found. */
            found: string;
            /** @description How bad it is. */
            level: components["schemas"]["Level"];
            /** @description What was looked at; several findings may have one name. */
            name: string;
            /** @description What to do, one step a line; none where there is nothing. */
            remedy: string | null;
        };
        /** @description Whether the engine answers. */
        EngineState: {
            /** @description What it says of itself, or why it does not answer. */
            about: string;
            /** @description Whether it answers. */
            ready: boolean;
        };
        /** @description One file or folder of a task. */
        Entry: {
            /**
             * Format: uint64
             * @description Its size, bytes; 0 for what is no file.
             */
            bytes: number;
            /** @description Whether its owner may execute it. */
            executable: boolean;
            /** @description Whether the ignore rules leave it out of images. */
            ignored: boolean;
            /** @description What it is. */
            kind: components["schemas"]["EntryKind"];
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            modified_at: string | null;
            /** @description Its path below the task's folder. */
            path: string;
        };
        /**
         * @description What a name in a folder stands for.
         *     - `file`: A file.
         *     - `folder`: A folder, whose content follows.
         *     - `closed`: A folder that is no part of the code and is not looked into: a virtual
         *     environment, `.git` or `__pycache__`.
         *     - `link`: A link.
         *     - `other`: A pipe, socket or device.
         * @enum {string}
         */
        EntryKind: "file" | "folder" | "closed" | "link" | "other";
        /**
         * @description What an environment is here.
         *     - `template`: A folder of `images/`.
         *     - `shared`: A folder of `global_envs/`.
         *     - `venv`: A virtual environment in a task's folder, which no run uses.
         * @enum {string}
         */
        EnvironmentKind: "template" | "shared" | "venv";
        /** @description A named environment that several tasks may use. */
        EnvironmentRef: string;
        /** @description An environment in a list. */
        EnvironmentSummary: {
            /** @description The image. */
            image: components["schemas"]["ImageId"] | null;
            /**
             * Format: uint64
             * @description Its size, bytes.
             */
            image_bytes: number | null;
            /** @description Its key. */
            key: components["schemas"]["Digest"];
            /** @description The lock in use. */
            lock: components["schemas"]["LockSummary"] | null;
            /** @description What requirements may ask for. */
            policy: components["schemas"]["Policy"];
            /** @description The Python release. */
            python: components["schemas"]["PythonVersion"];
            /** @description The tasks that need it now. */
            tasks: components["schemas"]["TaskName"][];
            /** @description The template it stands on. */
            template: string | null;
            /**
             * Format: date-time
             * @description When a run last used it; none when none did.
             */
            used_at: string | null;
        };
        /** @description One field that is wrong. */
        Field: {
            /** @description Where it is. */
            in: components["schemas"]["Place"];
            /** @description What is wrong and what would be right. */
            message: string;
            /** @description Its JSON pointer (RFC 6901) in that place; empty for the whole. */
            pointer: string;
        };
        /** @description Something done to a file, and what is wrong with its task now. */
        FileChange: {
            /** @description The path it has now, or had. */
            path: components["schemas"]["FilePath"];
            /** @description What is wrong with the task now. */
            problems: components["schemas"]["TaskProblem"][];
        };
        /** @description A file that differs between two versions. */
        FileDiff: {
            /**
             * Format: uint
             * @description Lines that were added.
             */
            added: number;
            /** @description What became of it. */
            fate: components["schemas"]["FileFate"];
            /** @description Its path. */
            path: string;
            /**
             * Format: uint
             * @description Lines that were removed.
             */
            removed: number;
            /** @description The difference as a unified diff; none for what is no text, or too large. */
            unified: string | null;
        };
        /**
         * @description What became of a file between two versions.
         *     - `added`: Only the newer has it.
         *     - `removed`: Only the older has it.
         *     - `changed`: Both have it, with other content or another mode.
         * @enum {string}
         */
        FileFate: "added" | "removed" | "changed";
        FilePath: string;
        /** @description A run that somebody started from outside: no more than they need. */
        Fired: {
            /**
             * Format: int64
             * @description The script's exit code, when it had one.
             */
            exit_code: number | null;
            /** @description How it ended; set exactly when finished. */
            outcome: components["schemas"]["Outcome"] | null;
            /** @description The same call came before, and made this run. */
            replayed: boolean;
            /** @description The run. */
            run: components["schemas"]["RunId"];
            /** @description Where it stands. */
            state: components["schemas"]["RunState"];
        };
        /** @description One thing that was looked at. */
        HealthCheck: {
            /** @description Why it is amiss; none when it is not. */
            fault: string | null;
            /** @description Which: `engine`, `database`, `disk`, or a loop of the service. */
            name: string;
        };
        /** @description A line that holds what was looked for. */
        Hit: {
            /**
             * Format: date-time
             * @description When it arrived.
             */
            at: string;
            /**
             * Format: uint64
             * @description Its number.
             */
            number: number;
            /**
             * @description Where in its text, in bytes of UTF-8: the first and the one after the
             *     last; 64 at most.
             */
            places: [
                number,
                number
            ][];
            /** @description Where it came from. */
            stream: components["schemas"]["Stream"];
            /** @description Its text, without the newline. */
            text: string;
        };
        /** @description Hits, the newest first. */
        Hits: {
            /**
             * Format: uint32
             * @description The attempt whose log it is; none for that of a build.
             */
            attempt: number | null;
            /** @description The lines that hold it. */
            hits: components["schemas"]["Hit"][];
            /**
             * Format: uint64
             * @description Given as `before`, it asks for further hits; none when every line was
             *     looked at.
             */
            next: number | null;
            /**
             * Format: uint64
             * @description Bytes of the log that were read.
             */
            searched_bytes: number;
            /** @description Why not every line was looked at. */
            stopped: components["schemas"]["Why"] | null;
        };
        /** @description A hook and how it stands. */
        Hook: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: uint64
             * @description Deliveries that are not tried any more.
             */
            dead: number;
            /**
             * Format: uint32
             * @description How many tries failed one after another because nobody answered as they
             *     should.
             */
            failures: number;
            /** @description Its name. */
            name: components["schemas"]["HookName"];
            /**
             * Format: date-time
             * @description The end of the time that the last report was about.
             */
            reported_at: string | null;
            /**
             * Format: date-time
             * @description Nothing is sent before, because too many failed or the receiver asked for
             *     it.
             */
            resting_until: string | null;
            /** @description What it is told of, and where and how. */
            spec: components["schemas"]["HookSpec"];
            /**
             * Format: uint64
             * @description Deliveries that wait.
             */
            waiting: number;
        };
        /**
         * @description What a hook may be told of.
         *     - `run.started`: The script of a run started.
         *     - `run.finished`: A run ended, however it did.
         *     - `run.failed`: A run did not succeed. Of runs of a task that fail one after another
         *     the 1st, 10th, 100th … is told.
         *     - `run.recovered`: A run succeeded after a failure that was told.
         *     - `build.failed`: An image of a task could not be built.
         *     - `slot.missed`: A slot of a schedule passed without a run, by nobody's wish.
         *     - `slot.skipped`: A slot of a schedule got no run, as its policies say.
         *     - `disk.low`: The disk of the data folder is nearly full.
         *     - `report`: The report of a day.
         *     - `test`: Somebody tries the hook.
         * @enum {string}
         */
        HookEvent: "run.started" | "run.finished" | "run.failed" | "run.recovered" | "build.failed" | "slot.missed" | "slot.skipped" | "disk.low" | "report" | "test";
        /**
         * @description The form in which a hook is told.
         *     - `standard`: JSON, signed as Standard Webhooks says.
         *     - `slack`: An incoming webhook of Slack, Mattermost or Rocket.Chat.
         *     - `discord`: A webhook of Discord.
         *     - `teams`: A workflow of Microsoft Teams (an Adaptive Card).
         *     - `ntfy`: A topic of ntfy.
         *     - `healthchecks`: A check of Healthchecks: pinged at the start and at the end.
         *     - `email`: Mail, by the server in `[mail]`.
         * @enum {string}
         */
        HookKind: "standard" | "slack" | "discord" | "teams" | "ntfy" | "healthchecks" | "email";
        /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
        HookName: string;
        /** @description What a hook is told of, and where and how. */
        HookSpec: {
            /**
             * @description When a report of the last 24 hours is mailed.
             * @default null
             */
            daily: components["schemas"]["Daily"] | null;
            /**
             * @description Whether it is told anything.
             * @default true
             */
            enabled: boolean;
            /**
             * @description What is told; failures and recoveries, if nothing is said.
             * @default [
             *       "run.failed",
             *       "run.recovered"
             *     ]
             */
            events: components["schemas"]["HookEvent"][];
            /**
             * @description Whether every failure is told, also the 2nd to 9th of a row.
             * @default false
             */
            every_failure: boolean;
            /** @description The form. */
            kind: components["schemas"]["HookKind"];
            /**
             * Format: uint16
             * @description How many of the last lines of a log are in a mail.
             * @default 20
             */
            lines: number;
            /**
             * @description Only of runs that ended so.
             * @default []
             */
            outcomes: components["schemas"]["Outcome"][];
            /**
             * @description The secret that signs what is sent (`whsec_…`), or of ntfy the access
             *     token.
             * @default null
             */
            secret: components["schemas"]["SecretName"] | null;
            /**
             * @description Only of tasks with one of these tags, besides `tasks`.
             * @default []
             */
            tags: string[];
            /**
             * @description Only of these tasks; of all, when there is neither this nor `tags`.
             * @default []
             */
            tasks: components["schemas"]["TaskName"][];
            /**
             * @description A template of what is sent, instead of the usual form.
             * @default null
             */
            template: string | null;
            /**
             * @description Who gets the mail.
             * @default []
             */
            to: string[];
            /**
             * @description Where it is sent. Who may look at hooks sees it; an address that is
             *     itself a key belongs into a secret: `url_secret`.
             * @default null
             */
            url: string | null;
            /**
             * @description The secret whose value is the address.
             * @default null
             */
            url_secret: components["schemas"]["SecretName"] | null;
        };
        /** @description The engine's id of an image, `sha256:…`. */
        ImageId: string;
        /** @description An image in a list. */
        ImageItem: {
            /**
             * Format: uint64
             * @description Its size, bytes, with the layers it shares with others.
             */
            bytes: number;
            /**
             * Format: date-time
             * @description When it was made or first found.
             */
            created_at: string;
            /** @description Its environment, of an environment or task image. */
            environment: components["schemas"]["Digest"] | null;
            /** @description The engine's id. */
            id: components["schemas"]["ImageId"];
            /** @description What it is made of. */
            kind: components["schemas"]["ImageKind"];
            /** @description Kept whatever housekeeping thinks. */
            pinned: boolean;
            /** @description The tasks it is for, of a task image. */
            tasks: components["schemas"]["TaskName"][];
            /** @description The code in it, of a task image. */
            version: components["schemas"]["Digest"] | null;
        };
        /**
         * @description What an image is made of, from the bottom up.
         *     - `base`: Python and our own files; no packages.
         *     - `environment`: A base image and the packages of one lock.
         *     - `task`: An environment image and the code of one task.
         * @enum {string}
         */
        ImageKind: "base" | "environment" | "task";
        /**
         * @description One data folder and everything it owns on an engine. Objects on the engine
         *     carry it as the label `runbay.instance`.
         */
        InstanceId: string;
        /** @description One thing that is no longer needed. */
        Item: {
            /**
             * Format: uint64
             * @description What its removal frees, bytes, when all before it in the list is
             *     removed too; 0 where the engine does not tell.
             */
            bytes: number;
            /** @description Its id or name; empty for a group of small things. */
            id: string;
            /**
             * @description `container`, `volume`, `image`, `records`, `failures`, `locks`, `runs`,
             *     `logs`, `artifacts`, `versions` or `downloads`.
             */
            kind: string;
            /** @description Why it is not needed. */
            reason: string;
            /** @description What it is, for people. */
            what: string;
        };
        /** @description An image, or a run that is pinned, that stays. */
        Kept: {
            /**
             * Format: uint64
             * @description Its size, bytes: of an image with the layers it shares with others, of a run
             *     the size of its log and files.
             */
            bytes: number;
            /** @description Its id. */
            id: string;
            /** @description Who needs it. */
            reason: string;
            /** @description What it is, for people. */
            what: string;
        };
        /** @description What names a master key without telling anything of it: 16 hex digits. */
        KeyId: string;
        /**
         * @description The kinds of failure.
         *     - `not_found`: There is no such thing.
         *     - `invalid`: What was asked for is not valid, or what is on disk is not.
         *     - `conflict`: It cannot be done in the present state.
         *     - `stale`: Somebody else changed it meanwhile.
         *     - `too_large`: More than is taken.
         *     - `full`: Too much at once; later it may work.
         *     - `unavailable`: What it needs does not answer; later it may work.
         *     - `internal`: A failure of ours.
         * @enum {string}
         */
        Kind: "not_found" | "invalid" | "conflict" | "stale" | "too_large" | "full" | "unavailable" | "internal";
        /**
         * @description Why a task cannot have a secret that its manifest names.
         *     - `not_set`: There is none of this name, or it has no value.
         *     - `not_granted`: There is one, and the task may not have it.
         * @enum {string}
         */
        Lack: "not_set" | "not_granted";
        /** @description A task lately. */
        Lately: {
            /**
             * Format: date-time
             * @description When a schedule of it is due next.
             */
            next: string | null;
            /** @description Its newest 30 runs, oldest first. */
            runs: components["schemas"]["Brief"][];
            /** @description The task. */
            task: components["schemas"]["TaskName"];
        };
        /**
         * @description One line of the ledger: what became of a slot, or of several that follow
         *     each other and have no run for the same cause.
         */
        LedgerEntry: {
            /**
             * Format: date-time
             * @description When it was decided.
             */
            at: string;
            /** @description Why there is no run. */
            cause: components["schemas"]["Cause"] | null;
            /**
             * Format: uint64
             * @description How many slots.
             */
            count: number;
            /** @description What became of it. */
            decision: components["schemas"]["Decision"];
            /** @description More about the cause, for people. */
            detail: string | null;
            /**
             * Format: date-time
             * @description The last of several; else the slot.
             */
            last: string;
            /**
             * Format: int64
             * @description How long after the instant at which it was due the run was queued,
             *     milliseconds.
             */
            late_ms: number | null;
            /**
             * Format: double
             * @description How long after it was due its script printed its first line,
             *     milliseconds; none before its first attempt is over, or without a line.
             */
            output_late_ms: number | null;
            /** @description The run. */
            run: components["schemas"]["RunId"] | null;
            /** @description The schedule's key. */
            schedule: string;
            /**
             * Format: date-time
             * @description The slot, or the first of several.
             */
            slot: string;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
        };
        /**
         * @description How bad a finding is, the worst last.
         *     - `ok`: As it should be.
         *     - `note`: Good to know.
         *     - `warning`: Runs work, but less well or less safely than they could.
         *     - `error`: Runs do not work, or something that Runbay promises does not hold.
         * @enum {string}
         */
        Level: "ok" | "note" | "warning" | "error";
        /** @description What one run may use. */
        Limits: {
            /**
             * Format: double
             * @description Processor cores.
             * @default 1
             */
            cpus: number;
            /**
             * @description Kept output; more is counted and left out in the middle.
             * @default 52428800
             */
            log: components["schemas"]["Bytes"];
            /**
             * @description Memory; swap is off.
             * @default 536870912
             */
            memory: components["schemas"]["Bytes"];
            /**
             * @description Network.
             * @default egress
             */
            network: components["schemas"]["Network"];
            /**
             * Format: uint32
             * @description Processes and threads.
             * @default 256
             */
            pids: number;
            /**
             * @description Disk in the working folder and the artifacts together.
             * @default 1073741824
             */
            scratch: components["schemas"]["Bytes"];
            /**
             * @description Wall time.
             * @default 3600
             */
            timeout: components["schemas"]["Span"];
        };
        /** @description One line of an attempt's log. Lines are numbered from 1 across all streams. */
        Line: {
            /**
             * Format: date-time
             * @description When it arrived.
             */
            at: string;
            /**
             * Format: uint64
             * @description Its number.
             */
            number: number;
            /** @description Where it came from. */
            stream: components["schemas"]["Stream"];
            /** @description Its text, without the newline. */
            text: string;
        };
        /** @description A lock, without its text. */
        LockSummary: {
            /** @description Its digest. */
            digest: components["schemas"]["Digest"];
            /**
             * Format: uint
             * @description How many packages it has.
             */
            packages: number;
            /**
             * Format: date-time
             * @description When it was resolved.
             */
            resolved_at: string;
        };
        /** @description One side of a comparison. */
        Locked: {
            /** @description The environment. */
            key: components["schemas"]["Digest"];
            /** @description The lock. */
            lock: components["schemas"]["LockSummary"];
            /** @description Its Python release. */
            python: components["schemas"]["PythonVersion"];
        };
        /** @description One `name==version` of a lock. */
        LockedPackage: {
            /** @description Normalised name. */
            name: string;
            /** @description Exact version. */
            version: string;
        };
        /** @description A page of a log. */
        LogPage: {
            /**
             * Format: uint32
             * @description The attempt whose log it is; none for that of a build.
             */
            attempt: number | null;
            /**
             * Format: uint64
             * @description The number of the first line that was looked at, and of the last; none
             *     when there was none. Without a choice of streams, those of `lines`.
             */
            first: number | null;
            /**
             * Format: uint64
             * @description See `first`.
             */
            last: number | null;
            /** @description The lines, in their order. */
            lines: components["schemas"]["Line"][];
            /** @description Whether there are lines behind `last`, as of now. */
            more_after: boolean;
            /** @description Whether there are lines before `first`. */
            more_before: boolean;
            /**
             * Format: uint64
             * @description Lines of the whole log as it is now.
             */
            total: number;
        };
        /**
         * @description What deleting a task takes away. Its runs, their logs and its versions stay, as
         *     long as housekeeping keeps them; what is pinned, until it is not.
         */
        Loss: {
            /** @description Runs that are not over. */
            active_runs: components["schemas"]["RunId"][];
            /**
             * Format: uint64
             * @description Their sizes together, bytes.
             */
            bytes: number;
            /**
             * Format: uint
             * @description How many files go.
             */
            files: number;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
            /**
             * @description Files among them that no version keeps, since the ignore rules leave
             *     them out; the first hundred.
             */
            unkept: string[];
        };
        /** @description A token that was just made. */
        MadeToken: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends; none if never.
             */
            expires_at: string | null;
            /** @description Its id, which is part of it. */
            id: components["schemas"]["TokenId"];
            /** @description What it is for, in its owner's words. */
            name: string;
            /** @description Its owner, whose role bounds it; none for the owner of the data folder. */
            owner: components["schemas"]["UserName"] | null;
            /** @description What it may do at most. */
            scopes: components["schemas"]["Scope"][];
            /** @description The token itself, shown this once. */
            secret: string;
            /** @description The only tasks it is for; none if for all. */
            tasks: components["schemas"]["TaskName"][] | null;
            /**
             * Format: date-time
             * @description When it was last used, to the minute.
             */
            used_at: string | null;
        };
        /** @description How an image is made. */
        Making: {
            /** @description Whether the environment is built although it is there. */
            anew: boolean;
        };
        /**
         * @description The manifest of a task as written. [`super::limits::Limits`] is what it
         *     amounts to once the service's defaults are applied.
         */
        Manifest: {
            /** @description Arguments given to the script, before those of the run. */
            args?: string[];
            /**
             * @description Files of the working folder to keep after a run, as glob patterns. All
             *     files in `$RUNBAY_ARTIFACTS` are kept without being named here.
             */
            artifacts?: string[];
            /** @description A program and its arguments to run instead of a Python entry. */
            command?: string[] | null;
            /**
             * Format: uint32
             * @description How many runs of the task may be active at once; more wait.
             */
            concurrency?: number | null;
            /**
             * Format: double
             * @description Processor cores a run may use, such as `1.5`.
             */
            cpus?: number | null;
            /** @description One line for people: what the task is for. */
            description?: string | null;
            /** @description `false` refuses new runs. */
            enabled?: boolean | null;
            /** @description The script to run, relative to the task's folder. */
            entry?: string | null;
            /** @description Environment variables of the script. Not for secrets. */
            env?: {
                [key: string]: string;
            };
            /**
             * @description An environment template (a folder of `images/`), or `shared:<name>` for
             *     the requirements in `global_envs/<name>/`.
             */
            environment?: components["schemas"]["EnvironmentRef"] | null;
            /** @description Memory a run may use, such as `"512M"`; more ends it as out of memory. */
            memory?: components["schemas"]["Bytes"] | null;
            /** @description What a run may reach: `egress` (default) or `none`. */
            network?: components["schemas"]["Network"] | null;
            /**
             * @description What a new run does while others of the task are active: `allow`
             *     (default), `queue`, `skip` or `replace`.
             */
            overlap?: components["schemas"]["Overlap"] | null;
            /** @description Parameters a run may be given. */
            params?: {
                [key: string]: components["schemas"]["Param"];
            };
            /**
             * Format: uint32
             * @description Processes and threads a run may have at once.
             */
            pids?: number | null;
            /**
             * Format: int32
             * @description Runs of tasks with a greater one begin first; 0 is usual.
             */
            priority?: number | null;
            /** @description The Python version, such as `"3.11"`. */
            python?: components["schemas"]["PythonVersion"] | null;
            /**
             * @description Packages: the name of a requirements file in the folder, or a list of
             *     requirements (PEP 508).
             */
            requirements?: components["schemas"]["Requirements"] | null;
            /** @description Whether a run that failed is tried again; not unless said. */
            retries?: components["schemas"]["Retries"] | null;
            /** @description When the task runs by itself. */
            schedules?: components["schemas"]["Schedule"][];
            /** @description Disk a run may fill in its working folder and artifacts together. */
            scratch?: components["schemas"]["Bytes"] | null;
            /**
             * @description Secrets the script needs. Each is given as a file, `/run/secrets/<NAME>`,
             *     whose path is in the variable `<NAME>_FILE`; written as
             *     `{ name = "…", env = "…" }` its value is in that variable too.
             */
            secrets?: components["schemas"]["SecretUse"][];
            /** @description Words to group and filter tasks by. */
            tags?: string[];
            /** @description How long a run may take before it is stopped, such as `"30m"`. */
            timeout?: components["schemas"]["Span"] | null;
        };
        /** @description Who asks, and what they may do. */
        Me: {
            /** @description Their name; `local` is the owner of the data folder. */
            name: string;
            /**
             * @description What they may do, `users` and the like also where the password is to be
             *     entered again first.
             */
            permissions: components["schemas"]["Permission"][];
            /** @description Their role. */
            role: components["schemas"]["Role"];
            /** @description The scopes of their token, if they came with one. */
            scopes: components["schemas"]["Scope"][] | null;
            /** @description Whether the password was entered a short while ago, or need not be. */
            stepped_up: boolean;
            /** @description The only tasks their token is for, if not for all. */
            tasks: components["schemas"]["TaskName"][] | null;
            /** @description How they proved who they are. */
            via: components["schemas"]["Via"];
        };
        /**
         * @description Times of the phases in milliseconds, and peaks. A field is unset when the
         *     phase did not happen or could not be observed; it is never guessed.
         */
        Measurements: {
            /**
             * Format: double
             * @description Making or looking up the image.
             * @default null
             */
            build_ms: number | null;
            /**
             * Format: double
             * @description Processor time, milliseconds, as last seen by the engine.
             * @default null
             */
            cpu_ms: number | null;
            /**
             * Format: double
             * @description Creating and attaching the container.
             * @default null
             */
            create_ms: number | null;
            /**
             * Format: double
             * @description From the request to the first line of output.
             * @default null
             */
            first_line_ms: number | null;
            /**
             * Format: uint64
             * @description Received from the network, bytes.
             * @default null
             */
            network_rx_bytes: number | null;
            /**
             * Format: uint64
             * @description Sent to the network, bytes.
             * @default null
             */
            network_tx_bytes: number | null;
            /**
             * Format: uint64
             * @description Output produced by the script, bytes, kept or not.
             * @default null
             */
            output_bytes: number | null;
            /**
             * Format: uint64
             * @description The greatest memory use seen, bytes.
             * @default null
             */
            peak_memory_bytes: number | null;
            /**
             * Format: double
             * @description From the request to the claim.
             * @default null
             */
            queue_ms: number | null;
            /**
             * Format: double
             * @description From ready to the end of user code; of an attempt that was taken over, as long
             *     as its container ran.
             * @default null
             */
            run_ms: number | null;
            /**
             * Format: double
             * @description The engine's start call.
             * @default null
             */
            start_ms: number | null;
            /**
             * Format: double
             * @description Collecting what remains.
             * @default null
             */
            teardown_ms: number | null;
        };
        /** @description The environment that a task needs, and what is there of it. */
        Need: {
            /** @description The image of the environment; none before the first build. */
            image: components["schemas"]["ImageId"] | null;
            /**
             * Format: uint64
             * @description Its size, bytes.
             */
            image_bytes: number | null;
            /** @description Its key. */
            key: components["schemas"]["Digest"] | null;
            /** @description The lock; none before the first build. */
            lock: components["schemas"]["LockSummary"] | null;
            /** @description The template or shared environment that the task names. */
            named: components["schemas"]["EnvironmentRef"] | null;
            /** @description What requirements may ask for. */
            policy: components["schemas"]["Policy"];
            /** @description Why it cannot be had; the rest may be unset then. */
            problem: string | null;
            /** @description The Python release. */
            python: components["schemas"]["PythonVersion"] | null;
            /**
             * @description Requirements of the task, its template and the service, each with its
             *     place.
             */
            requirements: components["schemas"]["Requirement"][];
        };
        /**
         * @description What a run may reach over the network.
         *     - `none`: Nothing but itself.
         *     - `egress`: Out of the machine, on a bridge of its own where runs do not see each
         *     other.
         * @enum {string}
         */
        Network: "none" | "egress";
        /** @description A slot to come. */
        Occurrence: {
            /**
             * Format: date-time
             * @description When it is due: the slot and its jitter.
             */
            at: string;
            /**
             * Format: date-time
             * @description The slot in the schedule's zone.
             */
            local: string;
            /**
             * @description What is odd about it, a clause: that its time of day does not exist on
             *     that day, or comes twice.
             */
            note?: string | null;
            /**
             * Format: date-time
             * @description The slot.
             */
            slot: string;
        };
        /**
         * @description What becomes of a run when the command that started it is killed.
         *     - `cancel`: It is cancelled.
         *     - `continue`: It goes on to its own end.
         * @enum {string}
         */
        OnDisconnect: "cancel" | "continue";
        /**
         * @description How an attempt or run ended. The script's own failure, a limit it hit,
         *     and a failure of ours are different words.
         *     - `succeeded`: The script exited with 0.
         *     - `failed`: The script exited with another code, or by a signal of its own.
         *     - `build_failed`: The image could not be built from what the task asks for.
         *     - `timed_out`: Stopped at its timeout.
         *     - `out_of_memory`: Killed for using more memory than its limit.
         *     - `out_of_disk`: Killed for filling more disk than its limit.
         *     - `cancelled`: Stopped because somebody asked.
         *     - `lost`: Nobody can know: its container vanished or the engine lost it.
         *     - `infra_error`: Runbay or the engine failed; user code is not to blame.
         * @enum {string}
         */
        Outcome: "succeeded" | "failed" | "build_failed" | "timed_out" | "out_of_memory" | "out_of_disk" | "cancelled" | "lost" | "infra_error";
        /**
         * @description What a new run of a task does while as many as may be active are.
         *     - `allow`: It begins beside them.
         *     - `queue`: It waits for its turn.
         *     - `skip`: It is not made, and the refusal says so.
         *     - `replace`: It cancels them, waits for their end and begins.
         * @enum {string}
         */
        Overlap: "allow" | "queue" | "skip" | "replace";
        /** @description How everything was lately, and what comes next. */
        Overview: {
            /** @description The last 30 days, oldest first, also those without runs. */
            days: components["schemas"]["Day"][];
            /**
             * Format: uint32
             * @description Runs that wait.
             */
            queued: number;
            /**
             * Format: uint32
             * @description Runs that go on.
             */
            running: number;
            /** @description Every task that ever ran or has a schedule, by name. */
            tasks: components["schemas"]["Lately"][];
            /** @description What comes next, soonest first; at most 8. */
            upcoming: components["schemas"]["Upcoming"][];
            /** @description The last 7 times 24 hours. */
            week: components["schemas"]["RunsSummary"];
            /** @description The 7 times 24 hours before. */
            week_before: components["schemas"]["RunsSummary"];
        };
        /** @description A session of whoever asks. */
        Own: {
            /** @description Where it began. */
            address: string | null;
            /** @description What the browser calls itself. */
            agent: string | null;
            /**
             * Format: date-time
             * @description When it began.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends at the latest.
             */
            expires_at: string;
            /** @description Its id. */
            id: components["schemas"]["SessionId"];
            /**
             * Format: date-time
             * @description When its password was last entered.
             */
            proved_at: string;
            /**
             * Format: date-time
             * @description When it was last used, to the minute.
             */
            seen_at: string;
            /** @description Whether it is the one that asks. */
            this: boolean;
            /** @description The user; none for the owner of the data folder. */
            user: components["schemas"]["UserId"] | null;
        };
        /** @description A package of an environment. */
        Package: {
            /** @description The version in the lock. */
            locked: string;
            /** @description Its normalised name. */
            name: string;
            /** @description What was asked for; none when another package needs it. */
            requested: string | null;
        };
        /** @description How one set of packages differs from another. Each list is sorted by name. */
        PackageDiff: {
            /** @description Only in the newer one. */
            added: components["schemas"]["LockedPackage"][];
            /** @description In both, in different versions. */
            changed: components["schemas"]["ChangedPackage"][];
            /** @description Only in the older one. */
            removed: components["schemas"]["LockedPackage"][];
        };
        /** @description Part of a list. */
        PageOfAuditEntry: {
            /** @description What is in this part. */
            items: components["schemas"]["AuditEntry"][];
            /** @description Given as `cursor`, it asks for the next part; none at the end. */
            next: string | null;
        };
        /** @description Part of a list. */
        PageOfDelivery: {
            /** @description What is in this part. */
            items: components["schemas"]["Delivery"][];
            /** @description Given as `cursor`, it asks for the next part; none at the end. */
            next: string | null;
        };
        /** @description Part of a list. */
        PageOfRun: {
            /** @description What is in this part. */
            items: components["schemas"]["Run"][];
            /** @description Given as `cursor`, it asks for the next part; none at the end. */
            next: string | null;
        };
        /** @description Part of a list. */
        PageOfSecretRun: {
            /** @description What is in this part. */
            items: components["schemas"]["SecretRun"][];
            /** @description Given as `cursor`, it asks for the next part; none at the end. */
            next: string | null;
        };
        /** @description Part of a list. */
        PageOfTaskItem: {
            /** @description What is in this part. */
            items: components["schemas"]["TaskItem"][];
            /** @description Given as `cursor`, it asks for the next part; none at the end. */
            next: string | null;
        };
        /** @description One declared parameter of a task. */
        Param: {
            /** @description The values of a `choice`. */
            choices?: string[];
            /** @description The value when a run gives none. */
            default?: unknown;
            /** @description A sentence for whoever fills it in. */
            help?: string | null;
            /** @description The greatest value (`int`, `float`, `date`) or greatest length (`text`). */
            max?: unknown;
            /** @description The least value (`int`, `float`, `date`) or least length (`text`). */
            min?: unknown;
            /** @description A regular expression that the whole of a `text` value matches. */
            pattern?: string | null;
            /** @description A run must give a value. Not together with `default`. */
            required?: boolean;
            /**
             * @description What values it takes.
             * @default text
             */
            type: components["schemas"]["ParamKind"];
        };
        /**
         * @description The type of a parameter.
         *     - `text`: Any text.
         *     - `int`: A whole number.
         *     - `float`: A number.
         *     - `bool`: `true` or `false`.
         *     - `choice`: One of `choices`.
         *     - `date`: A day, `2026-01-31` (ISO 8601).
         *     - `file`: A file given to the run, readable at the path the script receives.
         * @enum {string}
         */
        ParamKind: "text" | "int" | "float" | "bool" | "choice" | "date" | "file";
        /** @description A file or folder of the data folder. */
        Part: {
            /**
             * Format: uint64
             * @description Their sizes together, bytes.
             */
            bytes: number;
            /**
             * Format: uint64
             * @description How many files are in it.
             */
            files: number;
            /** @description Its name. */
            name: string;
        };
        /** @description What became of a wish to pause. */
        Paused: {
            /** @description Whether it was not so before. */
            changed: boolean;
            /** @description Whether it is paused now. */
            paused: boolean;
        };
        /**
         * @description What a route needs.
         *     - `public`: Nothing: the closed list of what anybody may ask for.
         *     - `signed_in`: To be known at all: who am I, sign out.
         *     - `tasks_read`: Look at tasks, their code, environments and schedules.
         *     - `tasks_write`: Change tasks and their code.
         *     - `runs_read`: Look at runs and attempts.
         *     - `runs_trigger`: Start runs, again or anew, with declared parameters.
         *     - `runs_cancel`: Cancel runs.
         *     - `runs_pin`: Pin runs, so that they are kept, and let them go again.
         *     - `logs_read`: Read what runs wrote: logs, results and kept files.
         *     - `schedules_pause`: Pause and resume schedules, and run what they missed.
         *     - `schedules_write`: Change schedules.
         *     - `secrets_read`: Look at the names of secrets, at who may have them and who was given
         *     them; nobody can read their values.
         *     - `secrets_write`: Set, grant and remove secrets.
         *     - `system_read`: Look at the state of the service: engine, queue, metrics.
         *     - `system_write`: Settings, environments, images, housekeeping, webhooks.
         *     - `account`: One's own sessions, tokens and password: look, end, revoke, change.
         *     - `tokens`: Make tokens for oneself.
         *     - `access_read`: Look at users, everybody's tokens and the audit log.
         *     - `users`: Change users, and revoke anybody's tokens.
         * @enum {string}
         */
        Permission: "public" | "signed_in" | "tasks_read" | "tasks_write" | "runs_read" | "runs_trigger" | "runs_cancel" | "runs_pin" | "logs_read" | "schedules_pause" | "schedules_write" | "secrets_read" | "secrets_write" | "system_read" | "system_write" | "account" | "tokens" | "access_read" | "users";
        /**
         * @description In which part of a request a field is.
         *     - `body`: The body.
         *     - `query`: The query.
         *     - `path`: The path.
         *     - `header`: The headers.
         * @enum {string}
         */
        Place: "body" | "query" | "path" | "header";
        /** @description What would be done. */
        Plan: {
            /**
             * Format: uint64
             * @description What is freed altogether, bytes; layers count once.
             */
            bytes: number;
            /** @description Whether `bytes` is exact. If not, it is at most that. */
            exact: boolean;
            /** @description Images of ours that stay, and runs that are pinned. */
            keep: components["schemas"]["Kept"][];
            /** @description What people should know besides. */
            notes: string[];
            /** @description What goes, in this order. */
            remove: components["schemas"]["Item"][];
        };
        /**
         * @description What requirements may ask for, from loose to strict.
         *     - `open`: Any package; source distributions are built (in the sandbox).
         *     - `wheels`: Wheels only, but for the packages listed as exceptions: no code of a
         *     package runs while it is installed.
         *     - `locked`: As `wheels`, and every requirement is pinned with its hashes.
         *     - `curated`: As `wheels`, and every package, also indirect ones, is on the list.
         * @enum {string}
         */
        Policy: "open" | "wheels" | "locked" | "curated";
        /** @description What a schedule would do. */
        Preview: {
            /** @description One sentence that says when it fires. */
            description: string;
            /** @description Its next slots. */
            next: components["schemas"]["Occurrence"][];
            /** @description What is odd about its times of day in the next two years. */
            notes: string[];
            /**
             * @description What tells it from others, should it have no name: its rule, in its
             *     shortest form.
             */
            rule: string;
            /** @description The zone it is in. */
            timezone: string;
        };
        /** @description Why a request was not answered as hoped (RFC 9457). */
        Problem: {
            /** @description What happened and what to do next, for people. */
            detail?: string | null;
            /** @description The fields that are wrong. */
            errors?: components["schemas"]["Field"][];
            /** @description The id under which the log of the service tells of this request. */
            request_id?: string | null;
            /**
             * Format: uint16
             * @description The HTTP status.
             */
            status: number;
            /** @description The status in words. */
            title: string;
            /** @description Which kind of problem: a fragment of the page of the API. */
            type: string;
        } & {
            [key: string]: unknown;
        };
        /** @description A newer lock of a task, not in use. */
        Proposed: {
            /** @description The lock in use; none before the first build. */
            before: components["schemas"]["LockSummary"] | null;
            /** @description Whether anything would change. */
            changed: boolean;
            /** @description The lock of today. */
            lock: components["schemas"]["LockSummary"];
            /** @description All that is in the lock of today. */
            locked: components["schemas"]["LockedPackage"][];
            /** @description What would change. */
            packages: components["schemas"]["PackageDiff"];
        };
        PythonVersion: string;
        /** @description Whether the service can do its work. */
        Readiness: {
            /** @description What was looked at. */
            checks: components["schemas"]["HealthCheck"][];
            /** @description Whether nothing is amiss. */
            ready: boolean;
        };
        /** @description How many deliveries are sent again. */
        Redelivered: {
            /**
             * Format: uint
             * @description Deliveries.
             */
            redelivered: number;
        };
        /** @description All that was found. */
        Report: {
            /** @description What each check found, in the order of what depends on what. */
            checks: components["schemas"]["DoctorCheck"][];
        };
        /** @description A report as it is mailed. */
        ReportPreview: {
            /** @description Its HTML. */
            html: string;
            /** @description Its subject. */
            subject: string;
            /** @description Its plain text. */
            text: string;
        };
        /** @description One requirement, parsed and normalised. */
        Requirement: {
            /** @description `sha256:…` hashes given with `--hash`. */
            hashes: string[];
            /** @description The package's name, normalised (PEP 503). */
            name: string;
            /** @description Where it was written, for messages: `requirements.txt:3`. */
            origin: string;
            /** @description The requirement as normalised PEP 508 text, without hashes. */
            text: string;
        };
        /** @description Where a manifest says the requirements are. */
        Requirements: string | string[];
        /** @description What a run of a task gets for one name. */
        Resolved: {
            /** @description The values that it won over, the nearest first. */
            hidden: components["schemas"]["Sourced"][];
            /** @description The name. */
            name: string;
            /** @description The value. */
            value: string;
        } & ({
            /** @enum {string} */
            level: "global";
        } | {
            /** @enum {string} */
            level: "tag";
            of: string;
        } | {
            /** @enum {string} */
            level: "manifest";
        } | {
            /** @enum {string} */
            level: "task";
            of: components["schemas"]["TaskName"];
        });
        /** @description What came of bringing a version back. */
        Restored: {
            /**
             * @description Files in its folder that are part of no version and stayed; the first
             *     hundred.
             */
            beside: string[];
            /** @description Whether anything had to be changed. */
            changed: boolean;
            /** @description The version that its code before is kept as; none when there was none. */
            kept_as: components["schemas"]["Digest"] | null;
            /** @description What is wrong with the task now. */
            problems: components["schemas"]["TaskProblem"][];
            /** @description The task. */
            task: components["schemas"]["TaskName"];
            /** @description The version that its folder holds again. */
            version: components["schemas"]["Digest"];
        };
        /**
         * @description Whether, when and after which ends a run is tried again. Each try is a new
         *     attempt of the same run, with a container and a log of its own.
         */
        Retries: {
            /**
             * @description How the pauses grow.
             * @default exponential
             */
            backoff: components["schemas"]["Backoff"];
            /**
             * @description The pause before the first retry.
             * @default 10
             */
            delay: components["schemas"]["Span"];
            /** @description Of the failures, only those with one of these exit codes; none is all. */
            exit_codes?: number[];
            /**
             * Format: uint32
             * @description How often it is tried again at most; 0 is never.
             * @default 0
             */
            max: number;
            /**
             * @description The outcomes after which it is tried again: `failed`, `timed_out`,
             *     `out_of_memory`, `out_of_disk`, `build_failed`, `lost`, `infra_error`.
             * @default [
             *       "failed",
             *       "timed_out",
             *       "lost",
             *       "infra_error"
             *     ]
             */
            on: components["schemas"]["Outcome"][];
        };
        /**
         * @description What a person may do at most. Each may do what those before it may.
         *     - `viewer`: Looks at tasks and runs; at logs only where granted.
         *     - `operator`: Also starts, cancels, pins and pauses what there is.
         *     - `admin`: Everything, also code, which runs with a task's secrets.
         * @enum {string}
         */
        Role: "viewer" | "operator" | "admin";
        /** @description What became of changing the master key. */
        Rotated: {
            /** @description What names the new key without telling anything of it. */
            key: components["schemas"]["KeyId"];
            /** @description Whether the key file could not be written, and holds the old key still. */
            old_key_left: boolean;
        };
        /** @description One request to execute a task. */
        Run: {
            /** @description Arguments after those of the manifest. */
            args: string[];
            /**
             * @description Who asked for it, such as `user:ann` or `token:ci`; none when that is
             *     whoever may use the data folder.
             */
            by: string | null;
            /**
             * Format: date-time
             * @description When somebody asked to stop it.
             */
            cancel_requested_at: string | null;
            /**
             * Format: uint32
             * @description How many runs of its task may be active for this one to begin; none is
             *     any number.
             */
            concurrency: number | null;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            created_at: string;
            /** @description The environment it ran in. */
            environment: components["schemas"]["Digest"] | null;
            /**
             * Format: int64
             * @description The script's exit code, when it had one.
             */
            exit_code: number | null;
            /**
             * Format: date-time
             * @description When it was over.
             */
            finished_at: string | null;
            /** @description Its id. */
            id: components["schemas"]["RunId"];
            /** @description The image it ran from. */
            image: components["schemas"]["ImageId"] | null;
            /** @description The limits it was given. */
            limits: components["schemas"]["Limits"];
            /** @description The lock of that environment. */
            lock: components["schemas"]["Digest"] | null;
            /**
             * Format: date-time
             * @description While it is queued: not before this moment.
             */
            not_before: string | null;
            /** @description What happens when its command is killed. */
            on_disconnect: components["schemas"]["OnDisconnect"];
            /** @description How it ended; set exactly when finished. */
            outcome: components["schemas"]["Outcome"] | null;
            /** @description Checked parameter values. */
            params: {
                [key: string]: unknown;
            };
            /**
             * @description Kept whatever housekeeping thinks, with its log, its files and its code.
             * @default false
             */
            pinned: boolean;
            /** @description The image to use instead of the task's present one (`--same-image`). */
            pinned_image: components["schemas"]["ImageId"] | null;
            /**
             * Format: int32
             * @description Runs with a greater one begin first; 0 is usual.
             */
            priority: number;
            /** @description A sentence about the end, for people. */
            reason: string | null;
            /** @description The run it repeats. */
            rerun_of: components["schemas"]["RunId"] | null;
            /** @description What the script left in `$RUNBAY_RESULT`. */
            result: unknown;
            /** @description When and how often it is tried again. */
            retries: components["schemas"]["Retries"];
            /** @description The schedule that made it. */
            schedule: string | null;
            /**
             * Format: date-time
             * @description The instant at which it was due.
             */
            scheduled_at: string | null;
            /**
             * Format: date-time
             * @description When its container was started.
             */
            started_at: string | null;
            /** @description Where it stands. */
            state: components["schemas"]["RunState"];
            /** @description The task. */
            task: components["schemas"]["TaskName"];
            /**
             * @description Whether it tries code that is not in the task's folder; `version` says
             *     which.
             * @default false
             */
            trial: boolean;
            /** @description Why it exists. */
            trigger: components["schemas"]["Trigger"];
            /** @description The code it ran. */
            version: components["schemas"]["Digest"] | null;
        };
        /** @description All that is known of a run. */
        RunDetail: {
            /** @description The folder of the files kept from it. */
            artifact_dir: string;
            /** @description Those files, by path. */
            artifacts: components["schemas"]["Artifact"][];
            /** @description Its attempts, first to last. */
            attempts: components["schemas"]["Attempt"][];
            /** @description The run. */
            run: components["schemas"]["Run"];
            /** @description What whoever started it sent beside; none when nothing was sent. */
            sent: components["schemas"]["Sent"] | null;
            /**
             * @description The comparison with the newest earlier run of the task that succeeded
             *     and was no trial; none when there is no such run.
             */
            since_last_good: components["schemas"]["Since"] | null;
        };
        /**
         * @description One request to execute a task. A UUID version 7 (RFC 9562), so ids sort by
         *     time of creation; written as 32 hex digits, shown short as the last 8.
         */
        RunId: string;
        /**
         * @description Where a run stands. Only forward: see [`RunState::may_become`].
         *     - `queued`: Accepted and durable; nothing done yet.
         *     - `building`: Its image is being made or looked up.
         *     - `starting`: A container is being created and started for it.
         *     - `running`: User code may be running.
         *     - `stopping`: The end is decided; what it left behind is being collected. A run that
         *     left nothing is over without it.
         *     - `finished`: Over; the outcome is final.
         * @enum {string}
         */
        RunState: "queued" | "building" | "starting" | "running" | "stopping" | "finished";
        /** @description Runs that were asked for in some time. */
        RunsSummary: {
            /**
             * Format: uint32
             * @description Those that failed by themselves: by their code, their build or a limit.
             */
            failed: number;
            /**
             * Format: uint64
             * @description Half of those that succeeded took no longer, milliseconds.
             */
            median_ms: number | null;
            /**
             * Format: uint64
             * @description Of 20 that succeeded, 19 took no longer, milliseconds.
             */
            p95_ms: number | null;
            /**
             * Format: uint32
             * @description All of them.
             */
            runs: number;
            /**
             * Format: uint32
             * @description Those that succeeded.
             */
            succeeded: number;
        };
        /**
         * @description What an attempt used at one moment. Processor and network are counters: they
         *     count from its beginning, so a rate is the difference of two samples.
         */
        Sample: {
            /**
             * Format: date-time
             * @description When it was looked at.
             */
            at: string;
            /**
             * Format: uint64
             * @description Processor time until then, milliseconds.
             */
            cpu_ms: number;
            /**
             * Format: uint64
             * @description Memory in use, bytes, without file cache that could be dropped; the most
             *     seen since the sample before.
             */
            memory_bytes: number;
            /**
             * Format: uint64
             * @description Received from the network until then, bytes.
             */
            network_rx_bytes: number;
            /**
             * Format: uint64
             * @description Sent to the network until then, bytes.
             */
            network_tx_bytes: number;
        };
        /**
         * @description One entry of `[[schedules]]` as written. [`crate::time::Plan`] is what it
         *     amounts to.
         */
        Schedule: {
            /**
             * @description What happens after a time without the service: `none`, `latest` (default,
             *     the latest of the missed runs) or `all` (the latest `catch_up_max`).
             */
            catch_up?: components["schemas"]["CatchUp"] | null;
            /**
             * Format: uint32
             * @description How many runs `catch_up = "all"` makes at most; default 10.
             */
            catch_up_max?: number | null;
            /** @description How late a missed run may be made up for, such as `"2h"`; default 1 h. */
            catch_up_window?: components["schemas"]["Span"] | null;
            /** @description `false` lets it rest. */
            enabled?: boolean | null;
            /** @description Nothing after; a day is included. */
            end?: string | null;
            /**
             * @description Days on which it does not run: days, ranges (`"2026-12-24..2027-01-02"`),
             *     `"weekends"`, `"weekdays"`, or the name of a file
             *     `calendars/<name>.txt`.
             */
            exclude?: string[];
            /** @description Each run begins up to so much later, by chance, such as `"5m"`. */
            jitter?: components["schemas"]["Span"] | null;
            /**
             * @description What it is called within its task, where `when` alone does not tell: 1 to
             *     63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit.
             */
            name?: string | null;
            /**
             * @description What it does when it is due while runs of the task are not over: `skip`
             *     (default), `queue`, `replace` or `allow`.
             */
            overlap?: components["schemas"]["Overlap"] | null;
            /** @description Values for parameters of the task. */
            params?: {
                [key: string]: unknown;
            };
            /**
             * @description Nothing before: a day, a local time (`"2026-12-01T06:00"`), or a time with
             *     its offset.
             */
            start?: string | null;
            /**
             * @description The time zone by its IANA name, such as `"Europe/Berlin"`; else that of
             *     the service's setting `timezone`.
             */
            timezone?: string | null;
            /**
             * @description The rule: `"06:00"`, `"MON 08:00"`, `"15 09:30"`, `"@every 15m"`,
             *     `"@daily"`, or a cron pattern such as `"0 6 * * MON-FRI"`.
             * @default
             */
            when: string;
        };
        /** @description A schedule and where it stands. */
        ScheduleView: {
            /** @description One sentence that says when it fires; none when it cannot be understood. */
            description: string | null;
            /** @description What tells it from the others of its task. */
            key: string;
            /** @description The newest line of its ledger. */
            last: components["schemas"]["LedgerEntry"] | null;
            /** @description The next slot; none when there is none or it rests. */
            next: components["schemas"]["Occurrence"] | null;
            /**
             * Format: date-time
             * @description Since when it is paused.
             */
            paused_at: string | null;
            /** @description Why it cannot be used just now. */
            problem: string | null;
            /** @description What its manifest says, when it was last good. */
            schedule: components["schemas"]["Schedule"];
            /** @description The task. */
            task: components["schemas"]["TaskName"];
            /** @description The zone it is in. */
            timezone: string;
        };
        /**
         * @description What a token may do at most. No scope contains another.
         *     - `runs:read`: Look at runs and at the state of the service.
         *     - `runs:trigger`: Start runs.
         *     - `runs:cancel`: Cancel runs.
         *     - `runs:pin`: Pin runs, so that they are kept.
         *     - `logs:read`: Read what runs wrote: logs, results and kept files.
         *     - `tasks:read`: Look at tasks, their code, environments and schedules.
         *     - `tasks:write`: Change tasks and their code.
         *     - `schedules:write`: Change and pause schedules.
         *     - `secrets:write`: Look at the names of secrets, and set, grant and remove them.
         *     - `admin`: Everything else: users, tokens, settings, images.
         * @enum {string}
         */
        Scope: "runs:read" | "runs:trigger" | "runs:cancel" | "runs:pin" | "logs:read" | "tasks:read" | "tasks:write" | "schedules:write" | "secrets:write" | "admin";
        /**
         * @description The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
         *     a variable.
         */
        SecretName: string;
        /** @description A secret that a task needs. */
        SecretNeed: {
            /** @description The variable that holds it too, if the task asks for one. */
            env: string | null;
            /** @description Why a run would not get it; none when it would. */
            lack: components["schemas"]["Lack"] | null;
            /** @description Its name, and that of its file in `/run/secrets`. */
            name: string;
        };
        /** @description A run that was given a secret. */
        SecretRun: {
            /**
             * Format: date-time
             * @description When it was given.
             */
            given_at: string;
            /** @description How the run ended; none while it is not over. */
            outcome: components["schemas"]["Outcome"] | null;
            /** @description The run. */
            run: components["schemas"]["RunId"];
            /** @description Its task. */
            task: components["schemas"]["TaskName"];
            /**
             * Format: uint32
             * @description The number of the value it was given.
             */
            version: number;
        };
        /** @description What became of setting a secret. */
        SecretSet: {
            /** @description Its name. */
            name: components["schemas"]["SecretName"];
            /**
             * Format: uint32
             * @description The number of its value: one more than before, and 1 of a new secret.
             */
            version: number;
            /** @description What is to be known about the value; none when nothing is. */
            warning: string | null;
        };
        /** @description A task and a secret. */
        SecretTask: {
            /** @description Whether it may have the secret. */
            granted: boolean;
            /** @description Whether its manifest names the secret. */
            named: boolean;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
        };
        /** @description The name of a secret, which is given as a file; with `env` also as the variable of that name. */
        SecretUse: string | {
            env: string;
            name: string;
        };
        /** @description A secret, without its value. */
        SecretView: {
            /**
             * Format: date-time
             * @description When it was first set.
             */
            created_at: string;
            /** @description The hooks that use it. */
            hooks: components["schemas"]["HookName"][];
            /** @description The newest run that was given it. */
            last_run: components["schemas"]["RunId"] | null;
            /** @description Its name. */
            name: components["schemas"]["SecretName"];
            /**
             * Format: date-time
             * @description When its value was set.
             */
            set_at: string | null;
            /** @description By whom. */
            set_by: string | null;
            /** @description The tasks that may have it, or name it in their manifest. */
            tasks: components["schemas"]["SecretTask"][];
            /** @description The triggers whose callers sign with it. */
            triggers: components["schemas"]["TriggerName"][];
            /**
             * Format: uint32
             * @description The number of its value; none when it has none.
             */
            version: number | null;
        };
        /** @description What a run was sent by whoever started it: its `/inputs/payload.json`. */
        Sent: {
            /**
             * Format: uint64
             * @description How much, bytes.
             */
            bytes: number;
            /** @description What it is: nothing but `application/json` is taken. */
            content_type: string;
            /** @description Whether there is more than that. */
            cut: boolean;
            /** @description How it begins, secrets masked. */
            preview: string;
        };
        /** @description A session of a browser. It names the session and opens nothing. */
        SessionId: string;
        /** @description One setting, as it came to be. */
        Setting: {
            /** @description Its key: `build.policy`. */
            key: string;
            /**
             * @description Whether it may be changed while the service runs; if not, a change in
             *     `runbay.toml` waits for the next start.
             */
            live: boolean;
            /**
             * @description Where it is from: a variable or flag by name, `runbay.toml`, or
             *     `default`.
             */
            source: string;
            /** @description Its value; passwords are left out. */
            value: unknown;
        };
        /** @description An environment that is there as a folder. */
        SimpleEnvironment: {
            /** @description What it is. */
            kind: components["schemas"]["EnvironmentKind"];
            /** @description How a manifest names it; of a virtual environment, its task and folder. */
            name: string;
            /**
             * Format: uint
             * @description How many packages it names or holds; none when only a run would tell.
             */
            packages: number | null;
            /** @description Its folder, below the home folder. */
            path: string;
            /** @description Its Python, where it says so. */
            python: string | null;
        };
        /** @description The folder of a task. */
        SimpleProject: {
            /**
             * Format: uint64
             * @description Their sizes together, bytes.
             */
            bytes: number | null;
            /**
             * Format: uint64
             * @description How many files would go into an image; none when that cannot be told.
             */
            files: number | null;
            /** @description The task. */
            name: components["schemas"]["TaskName"];
            /** @description Its folder or file, below the home folder. */
            path: string;
            /** @description What a run executes. */
            script: string;
        };
        /** @description A place in a task where requirements are written. */
        SimpleRequirements: {
            /** @description The place, below the task's folder. */
            path: string;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
            /** @description Whether runs take it. */
            used: boolean;
        };
        /** @description A run, at a glance. */
        SimpleRun: {
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            created_at: string;
            /**
             * Format: int64
             * @description The script's exit code, when it had one.
             */
            exit_code: number | null;
            /**
             * Format: date-time
             * @description When it was over.
             */
            finished_at: string | null;
            /** @description Its id. */
            id: components["schemas"]["RunId"];
            /** @description A sentence about the end. */
            message: string | null;
            /**
             * Format: date-time
             * @description When its container was started.
             */
            started_at: string | null;
            /** @description Its outcome, or where it stands until it has one. */
            status: string;
        };
        /** @description A task, at a glance. */
        SimpleTask: {
            /** @description What it is for. */
            description: string | null;
            /** @description Whether new runs are allowed. */
            enabled: boolean;
            /** @description The environment it names, as a path below the home folder. */
            environment_path: string | null;
            /**
             * Format: int64
             * @description Its number.
             */
            id: number;
            /** @description Its newest run. */
            last_run: components["schemas"]["SimpleRun"] | null;
            /** @description Its name. */
            name: components["schemas"]["TaskName"];
            /**
             * Format: date-time
             * @description When it is due next.
             */
            next_run: string | null;
            /** @description Its folder or file, below the home folder. */
            path: string;
            /** @description Where its requirements are. */
            requirements_path: string | null;
            /** @description The settings of that type. */
            schedule_config: unknown;
            /** @description `manual`, `hourly`, `daily`, `weekly`, `monthly` or `custom`. */
            schedule_type: string;
            /** @description What a run executes. */
            script: string;
        };
        /** @description What was found. */
        SimpleVerdict: {
            /** @description The environment. */
            environment: components["schemas"]["SimpleEnvironment"] | null;
            /** @description Why not. */
            message: string | null;
            /** @description Whether a task can name it. */
            valid: boolean;
        };
        /** @description A comparison with an earlier run. */
        Since: {
            /** @description What differs; empty when nothing is known to. */
            changes: components["schemas"]["Change"][];
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            created_at: string;
            /** @description The earlier run. */
            run: components["schemas"]["RunId"];
        };
        /** @description A value and where it is from. */
        Sourced: {
            /** @description The value. */
            value: string;
        } & ({
            /** @enum {string} */
            level: "global";
        } | {
            /** @enum {string} */
            level: "tag";
            of: string;
        } | {
            /** @enum {string} */
            level: "manifest";
        } | {
            /** @enum {string} */
            level: "task";
            of: components["schemas"]["TaskName"];
        });
        Span: number;
        /** @description Something that was to be removed and is still there. */
        Stayed: {
            /** @description Whether somebody uses it, which is nobody's fault; else it failed. */
            in_use: boolean;
            /** @description What it is. */
            what: string;
            /** @description Why it stays. */
            why: string;
        };
        /** @description What the data folder holds. */
        Storage: {
            /**
             * Format: uint64
             * @description All of them together, bytes.
             */
            bytes: number;
            /** @description Each part of it. */
            parts: components["schemas"]["Part"][];
        };
        /**
         * @description Where a line came from. Viewers style by this alone: a script cannot forge
         *     a `System` line by printing one.
         *     - `stdout`: The script's standard output.
         *     - `stderr`: The script's standard error.
         *     - `build`: The image build.
         *     - `system`: Runbay itself.
         * @enum {string}
         */
        Stream: "stdout" | "stderr" | "build" | "system";
        /** @description What became of a plan. */
        Swept: {
            /**
             * Format: uint64
             * @description What that freed, bytes; at most, where the plan says so.
             */
            bytes: number;
            /**
             * Format: uint
             * @description How many of its items are removed.
             */
            removed: number;
            /** @description What is still there. */
            stayed: components["schemas"]["Stayed"][];
        };
        /** @description The service as a whole. */
        System: {
            /**
             * Format: uint
             * @description Runs that are queued or going on.
             */
            active_runs: number;
            /** @description The data folder. */
            data_dir: string;
            /** @description The disk that holds the data folder. */
            disk: components["schemas"]["Disk"];
            /** @description The engine. */
            engine: components["schemas"]["EngineState"];
            /** @description The identity of the data folder on its engine. */
            instance: components["schemas"]["InstanceId"];
            /** @description The folder of tasks. */
            tasks_dir: string;
            /** @description The version of Runbay. */
            version: string;
        };
        /** @description All that is known of a task. */
        TaskDetail: {
            /** @description Arguments before those of a run. */
            args: string[];
            /** @description Patterns of files that are kept. */
            artifacts: string[];
            /** @description What it is for. */
            description: string | null;
            /** @description Whether new runs are allowed. */
            enabled: boolean;
            /** @description What a run executes. */
            entry: string;
            /** @description Variables it sets. */
            env: {
                [key: string]: string;
            };
            /** @description The environment it needs. */
            environment: components["schemas"]["Need"];
            /** @description What a run may use. */
            limits: components["schemas"]["Limits"];
            /** @description Its name. */
            name: components["schemas"]["TaskName"];
            /** @description The parameters of a run. */
            params: {
                [key: string]: components["schemas"]["Param"];
            };
            /** @description Its folder, or the file of a single-file task. */
            path: string;
            /** @description Where its requirements are; none when it needs no package of its own. */
            requirements_from: string | null;
            /** @description Its newest runs, newest first. */
            runs: components["schemas"]["Run"][];
            /** @description The same, with how the script gets each and whether it can. */
            secret_uses: components["schemas"]["SecretNeed"][];
            /** @description Names of the secrets it needs. */
            secrets: string[];
            /** @description Words to group it by. */
            tags: string[];
        };
        /**
         * @description A task in a list, or an entry of `tasks/` that would be one if nothing were
         *     wrong with it.
         */
        TaskItem: {
            /** @description What it is for. */
            description: string | null;
            /** @description Whether new runs are allowed. */
            enabled: boolean;
            /** @description The template or shared environment that it names. */
            environment: components["schemas"]["EnvironmentRef"] | null;
            /** @description Its newest run that was no trial. */
            last_run: components["schemas"]["Run"] | null;
            /** @description Its name: of the folder, or of the file without `.py`. */
            name: string;
            /**
             * Format: int64
             * @description Its number, which stays the same; none for what has no task's name.
             */
            number: number | null;
            /** @description Its folder, or the file of a single-file task. */
            path: string;
            /** @description What is wrong with it. If anything is, it cannot run. */
            problems: components["schemas"]["TaskProblem"][];
            /** @description Its Python; none when that cannot be decided. */
            python: components["schemas"]["PythonVersion"] | null;
            /** @description Where its requirements are; none when it needs no package. */
            requirements: string | null;
            /** @description Words to group it by. */
            tags: string[];
        };
        /** @description The name of a task: `[a-z0-9][a-z0-9_-]{0,62}`. */
        TaskName: string;
        /** @description One fault in one file. */
        TaskProblem: {
            /**
             * Format: uint32
             * @description The column in characters, from 1.
             */
            column: number | null;
            /**
             * @description The file as people know it: `tasks/<task>/task.toml`, or below
             *     `global_envs/` or `images/`.
             */
            file: string;
            /** @description What to do about it. */
            hint: string | null;
            /**
             * Format: uint32
             * @description The line, from 1.
             */
            line: number | null;
            /** @description What is wrong. */
            message: string;
        };
        /** @description All that is known of a task, also of one with which something is wrong. */
        TaskView: {
            /** @description What it amounts to; none while it cannot be understood. */
            detail: components["schemas"]["TaskDetail"] | null;
            /** @description What its manifest says; none while it cannot be understood. */
            manifest: components["schemas"]["Manifest"] | null;
            /** @description Its name. */
            name: components["schemas"]["TaskName"];
            /** @description What is right, but may surprise. */
            notes: components["schemas"]["TaskProblem"][];
            /**
             * Format: int64
             * @description Its number, which stays the same.
             */
            number: number;
            /** @description Its folder, or the file of a single-file task. */
            path: string;
            /** @description What is wrong with it. If anything is, it cannot run. */
            problems: components["schemas"]["TaskProblem"][];
            /** @description Whether nothing can be changed here. */
            read_only: boolean;
            /** @description Every place in it where requirements are written; the first is taken. */
            requirement_sources: string[];
            /** @description Whether it is a single file. */
            single_file: boolean;
            /** @description The virtual environments in its folder, which no run uses. */
            venvs: components["schemas"]["VenvView"][];
        };
        /** @description An API token. It names the token and opens nothing. */
        TokenId: string;
        /** @description What became of trying a hook. */
        Trial: {
            /** @description Why it was not taken. */
            problem: string | null;
            /**
             * Format: uint16
             * @description The status it answered with, if it answered.
             */
            status: number | null;
            /** @description Whether the receiver took it. */
            taken: boolean;
            /**
             * Format: uint64
             * @description How long it took, milliseconds.
             */
            took_ms: number;
        };
        /**
         * @description Why a run exists.
         *     - `manual`: A person asked.
         *     - `rerun`: A person asked for an earlier run again.
         *     - `api`: A program asked over the API.
         *     - `schedule`: A schedule was due.
         *     - `webhook`: Another service called the address of a trigger.
         * @enum {string}
         */
        Trigger: "manual" | "rerun" | "api" | "schedule" | "webhook";
        /** @description A trigger, without its token. */
        Trigger2: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Its name. */
            name: components["schemas"]["TriggerName"];
            /** @description What it starts, and for whom. */
            spec: components["schemas"]["TriggerSpec"];
            /**
             * Format: date-time
             * @description When it last started a run.
             */
            used_at: string | null;
        };
        /**
         * @description How a caller proves that it may.
         *     - `token`: With the token of the trigger.
         *     - `github`: With a signature as GitHub makes it (`X-Hub-Signature-256`).
         *     - `standard`: With a signature as Standard Webhooks has it, not older than 5 minutes.
         * @enum {string}
         */
        TriggerAuth: "token" | "github" | "standard";
        /** @description A trigger that was just made or given a new token. */
        TriggerMade: {
            /** @description The trigger. */
            trigger: components["schemas"]["Trigger2"];
            /** @description Where others call it, with the token if it has one. It is shown this once. */
            url: string;
        };
        /** @description The name of a trigger: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
        TriggerName: string;
        /** @description What a trigger starts, and for whom. */
        TriggerSpec: {
            /**
             * @description How a caller proves that it may.
             * @default token
             */
            auth: components["schemas"]["TriggerAuth"];
            /**
             * @description Whether it starts anything.
             * @default true
             */
            enabled: boolean;
            /**
             * @description Values of declared parameters: for each the place in the payload, as a JSON
             *     pointer (RFC 6901). What is not there is not given.
             * @default {}
             */
            params: {
                [key: string]: string;
            };
            /**
             * Format: uint32
             * @description How many runs it may start in a minute.
             * @default 60
             */
            per_minute: number;
            /**
             * @description The secret that signatures are made with; none with a token.
             * @default null
             */
            secret: components["schemas"]["SecretName"] | null;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
        };
        /** @description One try of a delivery. */
        Try: {
            /** @description How the receiver's answer began, secrets masked; none when it was empty. */
            answer: string | null;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Why it was not taken; none when it was. */
            problem: string | null;
            /**
             * Format: uint16
             * @description The status the receiver answered with, if it answered.
             */
            status: number | null;
            /**
             * Format: uint64
             * @description How long it took, milliseconds.
             */
            took_ms: number;
        };
        /** @description A slot to come. */
        Upcoming: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description The schedule. */
            schedule: string;
            /** @description The task. */
            task: components["schemas"]["TaskName"];
        };
        /** @description What an attempt used over time. */
        Usage: {
            /**
             * Format: uint32
             * @description The attempt.
             */
            attempt: number;
            /**
             * @description First to last, 300 at most: one a second at first, later fewer. None of an
             *     attempt that was over within two seconds.
             */
            samples: components["schemas"]["Sample"][];
        };
        /** @description Somebody with a name and a password. */
        User: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description Since when it cannot be used.
             */
            disabled_at: string | null;
            /** @description Its number. */
            id: components["schemas"]["UserId"];
            /** @description Its name. */
            name: components["schemas"]["UserName"];
            /**
             * Format: date-time
             * @description When its password was last set.
             */
            password_at: string;
            /** @description Whether they may read logs although they are a viewer. */
            reads_logs: boolean;
            /** @description What they may do at most. */
            role: components["schemas"]["Role"];
        };
        /**
         * Format: int64
         * @description A user account. Numbers are never given twice.
         */
        UserId: number;
        /**
         * @description The name of a user: `[a-z0-9][a-z0-9._@-]{0,62}`, so that two names never
         *     look alike, and e-mail addresses are names.
         */
        UserName: string;
        /** @description What was found. */
        Validation: {
            /** @description Whether nothing is wrong. */
            ok: boolean;
            /** @description What requirements may ask for here. */
            policy: components["schemas"]["Policy"];
            /** @description All that is wrong, by line. */
            problems: components["schemas"]["TaskProblem"][];
            /** @description The Python release. */
            python: components["schemas"]["PythonVersion"] | null;
            /** @description The requirements in their normal form, with those of the template. */
            requirements: string[];
        };
        /** @description A variable as it was set. */
        Variable: {
            /** @description The name. */
            name: components["schemas"]["VariableName"];
            /**
             * Format: date-time
             * @description When it was set.
             */
            set_at: string;
            /** @description By whom. */
            set_by: string;
            /** @description The value. */
            value: string;
        } & ({
            /** @enum {string} */
            level: "global";
        } | {
            /** @enum {string} */
            level: "tag";
            of: string;
        } | {
            /** @enum {string} */
            level: "task";
            of: components["schemas"]["TaskName"];
        });
        /** @description The name of a variable that people may set. */
        VariableName: string;
        /** @description A virtual environment in a task's folder. */
        VenvView: {
            /** @description Its folder. */
            name: string;
            /**
             * Format: uint
             * @description How many packages are in it.
             */
            packages: number;
            /** @description Its Python, as written there. */
            python: string | null;
        };
        /**
         * @description What became of an act.
         *     - `done`: It was done.
         *     - `refused`: It was not allowed.
         *     - `failed`: It was allowed and did not succeed.
         * @enum {string}
         */
        Verdict: "done" | "refused" | "failed";
        /** @description What reading the whole log found. */
        Verified: {
            /**
             * Format: int64
             * @description The place of the first entry that is not sound.
             */
            broken: number | null;
            /** @description What is wrong with it. */
            fault: string | null;
            /**
             * @description The digest of the last sound entry. Keep it elsewhere: whoever owns this
             *     machine can write the whole log anew, but not to this digest.
             */
            head: components["schemas"]["Digest"] | null;
            /**
             * Format: int64
             * @description How many entries are sound, from the first.
             */
            sound: number;
        };
        /** @description A version and its files. */
        VersionDetail: {
            /** @description Its digest. */
            digest: components["schemas"]["Digest"];
            /** @description Its files, by path. */
            files: components["schemas"]["VersionFile"][];
        };
        /** @description How two versions differ. */
        VersionDiff: {
            /** @description The files that differ, by path. */
            files: components["schemas"]["FileDiff"][];
            /** @description The older, or the first named; none is the folder as it is now. */
            from: components["schemas"]["Digest"] | null;
            /**
             * @description The digest of the folder as it is now, where that is one of the two; with
             *     it as `If-Match`, a version is restored only over what was compared.
             */
            present: components["schemas"]["Digest"] | null;
            /** @description The newer, or the second named; none is the folder as it is now. */
            to: components["schemas"]["Digest"] | null;
        };
        /** @description One file of a version. */
        VersionFile: {
            /**
             * Format: uint64
             * @description Its size, bytes.
             */
            bytes: number;
            /** @description The digest of its content. */
            digest: components["schemas"]["Digest"];
            /** @description Whether its owner may execute it. */
            executable: boolean;
            /** @description Its path, `/`-separated. */
            path: string;
        };
        /** @description A version of a task in a list. */
        VersionItem: {
            /**
             * Format: uint64
             * @description Their sizes together, bytes.
             */
            bytes: number;
            /**
             * Format: date-time
             * @description When it was first seen.
             */
            created_at: string;
            /** @description The digest of its files. */
            digest: components["schemas"]["Digest"];
            /**
             * Format: uint64
             * @description How many files.
             */
            files: number;
            /** @description Whether it is what the folder holds now. */
            present: boolean;
        };
        /**
         * @description How somebody proved who they are.
         *     - `session`: A cookie of a browser.
         *     - `token`: An API token.
         *     - `basic`: Name and password with the request itself.
         *     - `local`: They own the data folder: the command line, without a server.
         * @enum {string}
         */
        Via: "session" | "token" | "basic" | "local";
        /**
         * @description Why a search did not come to the first line.
         *     - `limit`: As many hits as were asked for.
         *     - `bytes`: 256 MiB were read.
         *     - `time`: It took 2 seconds.
         * @enum {string}
         */
        Why: "limit" | "bytes" | "time";
        /** @description The last work on a task. */
        Work: {
            /** @description What is done. */
            aim: components["schemas"]["Aim"];
            /** @description The image, when one was built. */
            built: components["schemas"]["Built"] | null;
            /** @description What kind of failure that is. */
            failure: components["schemas"]["Kind"] | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished_at: string | null;
            /** @description Why it failed. */
            problem: string | null;
            /** @description The lock that was found, when one was asked for. */
            proposal: components["schemas"]["Proposed"] | null;
            /**
             * Format: date-time
             * @description When it began.
             */
            started_at: string;
            /** @description How it stands. */
            state: components["schemas"]["WorkState"];
            /** @description The task. */
            task: components["schemas"]["TaskName"];
        };
        /**
         * @description How work on a task stands.
         *     - `building`: It goes on.
         *     - `succeeded`: It is done.
         *     - `failed`: It failed; `problem` says why.
         *     - `cancelled`: Somebody stopped it.
         * @enum {string}
         */
        WorkState: "building" | "succeeded" | "failed" | "cancelled";
        /** @description What became of a file. */
        Written: {
            /**
             * Format: uint64
             * @description Its size, bytes.
             */
            bytes: number;
            /** @description Whether it was not there before. */
            created: boolean;
            /** @description Its entity tag. */
            etag: components["schemas"]["Digest"];
            /** @description Its path. */
            path: components["schemas"]["FilePath"];
            /** @description What is wrong with the task now. */
            problems: components["schemas"]["TaskProblem"][];
        };
    };
    responses: {
        /** @description The request cannot be read */
        400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nobody is signed in */
        401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Who asks may not do this */
        403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing */
        404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not in the present state */
        409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What works once was used, or ran out */
        410: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Changed meanwhile */
        412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large */
        413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another type is wanted */
        415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A field is not valid */
        422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too much at once */
        429: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The engine does not answer */
        503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    docs_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    docs_style: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleTask"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_environments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleEnvironment"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_projects: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleProject"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_requirements: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleRequirements"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_validate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Its name or path. */
                    environment_path: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleVerdict"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The number of a task. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleTask"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_runs: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The number of a task. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleRun"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    simple_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The number of a task. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description An environment, by its name or path; left out, it stays.
                     * @default null
                     */
                    environment_path?: string | null;
                    /**
                     * @description A requirements file of the task, by its name or path; left out, it
                     *     stays.
                     * @default null
                     */
                    requirements_path?: string | null;
                    /**
                     * @description The settings of that type: an object, or the text of one.
                     * @default null
                     */
                    schedule_config?: unknown;
                    /**
                     * @description `manual`, `hourly`, `daily`, `weekly`, `monthly` or `custom`.
                     * @default null
                     * @enum {string|null}
                     */
                    schedule_type?: "manual" | "hourly" | "daily" | "weekly" | "monthly" | "custom" | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimpleTask"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_all_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiToken"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_revoke_any: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description An API token. It names the token and opens nothing. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_audit: {
        parameters: {
            query?: {
                /** @description Only acts of this name. */
                actor?: string | null;
                /** @description What `next` said before. */
                cursor?: number | null;
                /** @description At most so many. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfAuditEntry"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_verify: {
        parameters: {
            query?: {
                /** @description Its digest, with `seq`. */
                hash?: string | null;
                /** @description Its place, with `hash`. */
                seq?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verified"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    environments_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentSummary"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    environments_validate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The Python release; none is that of the template or the service.
                     * @default null
                     * @example 3.13
                     */
                    python?: string | null;
                    /**
                     * @description The text of a requirements file.
                     * @default
                     */
                    requirements?: string;
                    /**
                     * @description A template of images that they would be added to.
                     * @default null
                     */
                    template?: string | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Validation"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    environments_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task, or the beginning of a key, of 4 digits or more. */
                environment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Detail"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    environments_diff: {
        parameters: {
            query?: {
                /** @description Another task, key or run; none is the lock before. */
                with?: string | null;
            };
            header?: never;
            path: {
                /** @description The name of a task, or the beginning of a key, of 4 digits or more. */
                environment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comparison"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    environments_lock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task, or the beginning of a key, of 4 digits or more. */
                environment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    live_happenings: {
        parameters: {
            query: {
                /** @description Also those that happened after the event of this number. */
                after?: number | null;
                /**
                 * @description Topics with commas between them: `runs`, `run:<id>`, `task`,
                 *     `task:<name>`, `build`, `build:<name>`, `slot`, `slot:<name>`, `schedule`,
                 *     `schedule:<name>`, `hook`, `hook:<name>`, `system`.
                 */
                topics: string;
            };
            header?: {
                /** @description The id of the last event that came: the stream goes on behind it. Browsers send it by themselves. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description First `ready`, with the number at which it begins; then what happens, without a name, each with its number as id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": {
                        data?: string;
                        event?: string;
                        id?: string;
                        retry?: number;
                    };
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hook"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hook"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_save: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description When a report of the last 24 hours is mailed.
                     * @default null
                     */
                    daily?: {
                        /** @description The time of day, `07:00`. */
                        at: string;
                        /**
                         * @description The zone, such as `Europe/Berlin`; that of the service if none is named.
                         * @default null
                         */
                        timezone?: string | null;
                    } | null;
                    /**
                     * @description Whether it is told anything.
                     * @default true
                     */
                    enabled?: boolean;
                    /**
                     * @description What is told; failures and recoveries, if nothing is said.
                     * @default [
                     *       "run.failed",
                     *       "run.recovered"
                     *     ]
                     */
                    events?: ("run.started" | "run.finished" | "run.failed" | "run.recovered" | "build.failed" | "slot.missed" | "slot.skipped" | "disk.low" | "report" | "test")[];
                    /**
                     * @description Whether every failure is told, also the 2nd to 9th of a row.
                     * @default false
                     */
                    every_failure?: boolean;
                    /**
                     * @description The form.
                     *     - `standard`: JSON, signed as Standard Webhooks says.
                     *     - `slack`: An incoming webhook of Slack, Mattermost or Rocket.Chat.
                     *     - `discord`: A webhook of Discord.
                     *     - `teams`: A workflow of Microsoft Teams (an Adaptive Card).
                     *     - `ntfy`: A topic of ntfy.
                     *     - `healthchecks`: A check of Healthchecks: pinged at the start and at the end.
                     *     - `email`: Mail, by the server in `[mail]`.
                     * @enum {string}
                     */
                    kind: "standard" | "slack" | "discord" | "teams" | "ntfy" | "healthchecks" | "email";
                    /**
                     * Format: uint16
                     * @description How many of the last lines of a log are in a mail.
                     * @default 20
                     */
                    lines?: number;
                    /**
                     * @description Only of runs that ended so.
                     * @default []
                     */
                    outcomes?: ("succeeded" | "failed" | "build_failed" | "timed_out" | "out_of_memory" | "out_of_disk" | "cancelled" | "lost" | "infra_error")[];
                    /**
                     * @description The secret that signs what is sent (`whsec_…`), or of ntfy the access
                     *     token.
                     * @default null
                     */
                    secret?: string | null;
                    /**
                     * @description Only of tasks with one of these tags, besides `tasks`.
                     * @default []
                     */
                    tags?: string[];
                    /**
                     * @description Only of these tasks; of all, when there is neither this nor `tags`.
                     * @default []
                     */
                    tasks?: string[];
                    /**
                     * @description A template of what is sent, instead of the usual form.
                     * @default null
                     */
                    template?: string | null;
                    /**
                     * @description Who gets the mail.
                     * @default []
                     */
                    to?: string[];
                    /**
                     * @description Where it is sent. Who may look at hooks sees it; an address that is
                     *     itself a key belongs into a secret: `url_secret`.
                     * @default null
                     */
                    url?: string | null;
                    /**
                     * @description The secret whose value is the address.
                     * @default null
                     */
                    url_secret?: string | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hook"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_deliveries: {
        parameters: {
            query?: {
                /** @description What `next` said before. */
                cursor?: number | null;
                /** @description At most so many. */
                limit?: number;
                /** @description Only those that stand so. */
                state?: ("waiting" | "delivered" | "dead") | null;
            };
            header?: never;
            path: {
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfDelivery"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_delivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                delivery: string;
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryTries"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_redeliver_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                delivery: string;
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redelivered"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_redeliver_dead: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redelivered"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a hook: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                hook: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trial"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    images_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageItem"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    images_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The beginning of an id, of 4 digits or more. */
                image: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageItem"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    images_pin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The beginning of an id, of 4 digits or more. */
                image: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Whether it is kept. */
                    pinned: boolean;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageItem"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    socket_open: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description Follows several things over one WebSocket. Messages are JSON texts, one object each.
             *
             *     Asked by the client, 4096 bytes at most:
             *
             *     - `{"op": "subscribe", "id": "a", "topic": "runs"}` listens to a topic: `runs`, `run:<id>`, `task`, `task:<name>`, `build`, `build:<name>`, `slot`, `slot:<name>` (slots of schedules that get no run), `schedule`, `schedule:<name>` (schedules that are paused or resumed, one or all), `hook`, `hook:<name>` (hooks that are changed, and what becomes of what is sent to them) or `system`. `id` is any name of 1 to 64 characters that the client gives; what belongs to the subscription carries it. With `"after": <seq>`, the client is told if there were events since.
             *     - `{"op": "subscribe", "id": "b", "topic": "log", "run": "<run>", "attempt": 1, "after": 200}` follows the log of a run, through all its attempts to its end. `attempt` (without it, the first) and `after` (the last line that is known) may be left out; `"tail": 500` instead begins with so many lines of the newest attempt. With `"task": "<name>"` instead of the run, it follows what is built for a task, or was built last since the service started; its `end` tells what `GET /api/v1/tasks/<name>/build` does.
             *     - `{"op": "subscribe", "id": "c", "topic": "usage", "run": "<run>", "attempt": 1}` follows what an attempt of a run uses (without `attempt`, the newest), to its end.
             *     - `{"op": "unsubscribe", "id": "a"}`
             *
             *     Told by the server:
             *
             *     - `{"type": "subscribed", "id": "a", "seq": 41}`: events that are told from now on have greater numbers.
             *     - `{"type": "event", "ids": ["a"], "event": {"seq": 42, "at": …, "kind": "run.finished", "run": …, "payload": {…}}}`
             *     - `{"type": "lagged", "from": 43, "to": 99}`: events of these numbers are not told, because they came faster than the client took them, or while it was away. It asks again for what it shows.
             *     - `{"type": "lines", "id": "b", "attempt": 1, "lines": [{"number": 201, "at": …, "stream": "stdout", "text": …}]}`: each line once, in order, however slow the client is.
             *     - `{"type": "partial", "id": "b", "attempt": 1, "stream": "stdout", "text": "50 %"}`: the unfinished line as it stands. It takes the place of the one before; lines take its place; an empty text takes it away.
             *     - `{"type": "step", "id": "b", "attempt": 1, "step": 2}`: so many of the 4 steps of a build have begun.
             *     - `{"type": "gap", "id": "b", "attempt": 1, "from": 202, "to": 300, "reason": …}`: lines that cannot be told.
             *     - `{"type": "end", "id": "b", "run": …, "outcome": "succeeded", "exit_code": 0, "reason": null}`: the run is over, and so is the subscription.
             *     - `{"type": "samples", "id": "c", "attempt": 1, "samples": [{"at": …, "memory_bytes": …, "cpu_ms": …, …}]}`: first all samples that `GET /api/v1/runs/<run>/usage` tells, then those that came since. `{"type": "end", "id": "c"}` comes behind the last.
             *     - `{"type": "unsubscribed", "id": "a"}`
             *     - `{"type": "error", "id": "b", "problem": {…}}`: what was asked for is not possible; `problem` is as in answers over HTTP. `id` is null when the message could not be read.
             *
             *     The server pings every 15 seconds. It closes with 1001 when it ends, with 4001 when who watches is no longer signed in or allowed, with 4002 after 60 seconds in which the client took nothing, and with 1003 after a message that is no text.
             */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            /** @description A WebSocket is wanted */
            426: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The new one: 12 characters at least. */
                    new: string;
                    /** @description The present password. */
                    present: string;
                };
            };
        };
        responses: {
            /** @description Signed in; the cookie holds the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Own"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_end_others: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_end: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A session of a browser. It names the session and opens nothing. */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    docs_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    overview_show: {
        parameters: {
            query?: {
                /** @description How far the clock of who asks is before UTC, minutes; days are told by it. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    images_plan: {
        parameters: {
            query?: {
                /**
                 * @description How many of the newest runs of each task keep their image; none is
                 *     `keep.images` of the settings.
                 */
                keep_runs?: number | null;
                /**
                 * @description How long what no task needs is kept after its last use, such as `12h` or
                 *     `30d`; none is `keep.unused` of the settings.
                 */
                older_than?: string | number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    images_carry_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * Format: uint16
                     * @description How many of the newest runs of each task keep their image; none is
                     *     `keep.images` of the settings.
                     * @default null
                     */
                    keep_runs?: number | null;
                    /**
                     * @description How long what no task needs is kept after its last use, such as `12h` or
                     *     `30d`; none is `keep.unused` of the settings.
                     * @default null
                     * @example 1h30m
                     */
                    older_than?: string | number | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Swept"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    hooks_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportPreview"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_list: {
        parameters: {
            query?: {
                /** @description Where the part before ended. */
                cursor?: string | null;
                /** @description Runs asked for at this moment or later. */
                from?: string | null;
                /** @description How many at most. */
                limit?: number;
                /** @description Runs that ended in one of these ways, with commas between them. */
                outcome?: ("succeeded" | "failed" | "build_failed" | "timed_out" | "out_of_memory" | "out_of_disk" | "cancelled" | "lost" | "infra_error")[];
                /** @description Only runs that are pinned, or only those that are not. */
                pinned?: boolean | null;
                /** @description Runs in one of these states, with commas between them. */
                state?: ("queued" | "building" | "starting" | "running" | "stopping" | "finished")[];
                /** @description Runs of tasks that have this tag now. */
                tag?: string | null;
                /** @description Runs of this task. */
                task?: string | null;
                /** @description Runs whose task's name, or whose id, holds this text. */
                text?: string | null;
                /** @description Runs asked for before this moment. */
                to?: string | null;
                /** @description Runs that exist for one of these reasons, with commas between them. */
                trigger?: ("manual" | "rerun" | "api" | "schedule" | "webhook")[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfRun"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    launch_cancel_all: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Only runs that have not begun.
                     * @default false
                     */
                    queued?: boolean;
                    /**
                     * @description Only runs of this task.
                     * @default null
                     */
                    task?: string | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cancelled"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_pin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Whether it is kept, with its log, its files and its code. */
                    pinned: boolean;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_artifacts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Artifact"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_download: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The path of a kept file. */
                path: string;
                /** @description An id, its beginning or end of 4 digits or more. */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The range of it */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_attempts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attempt"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    launch_cancel: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the end before answering, 3600 at most. */
                wait?: number;
            };
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Over, or asked for before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It waits or goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_changes: {
        parameters: {
            query: {
                /** @description The other run, named like the first. */
                since: string;
            };
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Since"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    logs_of_run: {
        parameters: {
            query?: {
                /** @description The lines behind this number; 0 for the first. */
                after?: number | null;
                /** @description Which attempt of the run; without it, the newest. */
                attempt?: number | null;
                /** @description The lines just before this number. */
                before?: number | null;
                /** @description The lines from this number on. */
                from?: number | null;
                /** @description How many lines at most, 500 if not said. */
                limit?: number | null;
                /** @description Only lines of this stream. */
                stream?: ("stdout" | "stderr" | "build" | "system") | null;
                /** @description So many lines from the end. */
                tail?: number | null;
                /** @description The lines up to this number; with `from`. */
                to?: number | null;
            };
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    download_of_run: {
        parameters: {
            query?: {
                /** @description Its number; without it, the newest. */
                attempt?: number | null;
            };
            header?: {
                /** @description The bytes that are wanted, such as bytes=0-1023, bytes=1024- or bytes=-1024. Anything else is as if it were not said. */
                Range?: string;
            };
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A part of it */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            /** @description There is no such part */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    logs_search_run: {
        parameters: {
            query: {
                /** @description Which attempt of the run; without it, the newest. */
                attempt?: number | null;
                /** @description Only in lines before this number: `next` of the answer before. */
                before?: number | null;
                /** @description Whether the case of letters does not matter. */
                ignore_case?: boolean;
                /** @description Hits at most, 100 if not said. */
                limit?: number | null;
                /** @description A text, or with `regex=true` an expression. */
                q: string;
                /**
                 * @description Whether `q` is a regular expression, in the syntax of RE2: without
                 *     look-around and back-references.
                 */
                regex?: boolean;
                /** @description Only in lines of this stream. */
                stream?: ("stdout" | "stderr" | "build" | "system") | null;
            };
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hits"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    live_log: {
        parameters: {
            query?: {
                /** @description The lines of that attempt up to this one are known. */
                after?: number;
                /** @description The attempt; without it, the first one, or with `tail` the newest. */
                attempt?: number | null;
                /** @description Only so many of the lines that are there. */
                tail?: number | null;
            };
            header?: {
                /** @description The id of the last event that came: the stream goes on behind it. Browsers send it by themselves. */
                "Last-Event-ID"?: string;
            };
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events: `line`, whose id is the attempt and the number of the line with a dot between them; `partial`, the unfinished line as it stands; `step`, of a build; `gap`, lines that cannot be told; `end`, after which nothing comes; `error`, likewise */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": {
                        data?: string;
                        event?: string;
                        id?: string;
                        retry?: number;
                    };
                };
            };
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    launch_rerun: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the end before answering, 3600 at most. */
                wait?: number;
            };
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description From the very image of the earlier run, not from the task's present code.
                     * @default false
                     */
                    same_image?: boolean;
                    /**
                     * @description Values of secrets that the task names, instead of those that are kept.
                     * @default {}
                     */
                    secrets?: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description Over, or asked for before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It waits or goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_result: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    runs_used: {
        parameters: {
            query?: {
                /** @description Which attempt of the run; without it, the newest. */
                attempt?: number | null;
            };
            header?: never;
            path: {
                /**
                 * @description An id, its beginning or end of 4 digits or more, a task for its newest
                 *     run, or `last`.
                 */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_list_all: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_pause_all: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description `false` lets it go on.
                     * @default true
                     */
                    paused?: boolean;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Paused"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: date-time
                     * @description From when on; now, if left out.
                     * @default null
                     */
                    after?: string | null;
                    /**
                     * Format: uint8
                     * @description How many slots to tell of; 100 at most.
                     * @default 5
                     */
                    count?: number;
                    /** @description The schedule, as in a manifest. */
                    schedule: {
                        /**
                         * @description What happens after a time without the service: `none`, `latest` (default,
                         *     the latest of the missed runs) or `all` (the latest `catch_up_max`).
                         */
                        catch_up?: ("none" | "latest" | "all") | null;
                        /**
                         * Format: uint32
                         * @description How many runs `catch_up = "all"` makes at most; default 10.
                         */
                        catch_up_max?: number | null;
                        /**
                         * @description How late a missed run may be made up for, such as `"2h"`; default 1 h.
                         * @example 1h30m
                         */
                        catch_up_window?: string | number | null;
                        /** @description `false` lets it rest. */
                        enabled?: boolean | null;
                        /** @description Nothing after; a day is included. */
                        end?: string | null;
                        /**
                         * @description Days on which it does not run: days, ranges (`"2026-12-24..2027-01-02"`),
                         *     `"weekends"`, `"weekdays"`, or the name of a file
                         *     `calendars/<name>.txt`.
                         */
                        exclude?: string[];
                        /**
                         * @description Each run begins up to so much later, by chance, such as `"5m"`.
                         * @example 1h30m
                         */
                        jitter?: string | number | null;
                        /**
                         * @description What it is called within its task, where `when` alone does not tell: 1 to
                         *     63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit.
                         */
                        name?: string | null;
                        /**
                         * @description What it does when it is due while runs of the task are not over: `skip`
                         *     (default), `queue`, `replace` or `allow`.
                         */
                        overlap?: ("allow" | "queue" | "skip" | "replace") | null;
                        /** @description Values for parameters of the task. */
                        params?: {
                            [key: string]: unknown;
                        };
                        /**
                         * @description Nothing before: a day, a local time (`"2026-12-01T06:00"`), or a time with
                         *     its offset.
                         */
                        start?: string | null;
                        /**
                         * @description The time zone by its IANA name, such as `"Europe/Berlin"`; else that of
                         *     the service's setting `timezone`.
                         */
                        timezone?: string | null;
                        /**
                         * @description The rule: `"06:00"`, `"MON 08:00"`, `"15 09:30"`, `"@every 15m"`,
                         *     `"@daily"`, or a cron pattern such as `"0 6 * * MON-FRI"`.
                         * @default
                         */
                        when?: string;
                    };
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkup"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rotated"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretView"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
                 *     a variable.
                 */
                secret: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretView"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
                 *     a variable.
                 */
                secret: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Tasks that may have the secret from now on, besides those that may.
                     * @default []
                     */
                    tasks?: string[];
                    /** @description 1 byte to 64 KiB without NUL. It is never told again. */
                    value: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretSet"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
                 *     a variable.
                 */
                secret: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_runs: {
        parameters: {
            query?: {
                /** @description What `next` said before. */
                cursor?: string | null;
                /** @description At most so many. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
                 *     a variable.
                 */
                secret: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfSecretRun"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_grant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
                 *     a variable.
                 */
                secret: string;
                /** @description The name of a task: `[a-z0-9][a-z0-9_-]{0,62}`. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    secrets_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a secret: `[A-Z][A-Z0-9_]{0,63}`, and not reserved as the name of
                 *     a variable.
                 */
                secret: string;
                /** @description The name of a task: `[a-z0-9][a-z0-9_-]{0,62}`. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name. */
                    name: string;
                    /** @description The password. */
                    password: string;
                };
            };
        };
        responses: {
            /** @description Signed in; the cookie holds the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_open_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What follows `#link=`. */
                    key: string;
                };
            };
        };
        responses: {
            /** @description Signed in; the cookie holds the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_step_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The password. */
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    system_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setting"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    system_change: {
        parameters: {
            query?: never;
            header?: {
                /** @description Changes it only if it still has this ETag */
                "If-Match"?: string;
                /** @description `*` writes the file only if it is not there */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    "backup.nightly"?: string | number | boolean | null;
                    "keep.age"?: string | number | boolean | null;
                    "keep.artifacts"?: string | number | boolean | null;
                    "keep.automatic"?: string | number | boolean | null;
                    "keep.cache"?: string | number | boolean | null;
                    "keep.enough_space"?: string | number | boolean | null;
                    "keep.every"?: string | number | boolean | null;
                    "keep.images"?: string | number | boolean | null;
                    "keep.logs"?: string | number | boolean | null;
                    "keep.low_space"?: string | number | boolean | null;
                    "keep.runs"?: string | number | boolean | null;
                    "keep.unused"?: string | number | boolean | null;
                    "keep.versions"?: string | number | boolean | null;
                    "limits.cpus"?: string | number | boolean | null;
                    "limits.log"?: string | number | boolean | null;
                    "limits.memory"?: string | number | boolean | null;
                    "limits.pids"?: string | number | boolean | null;
                    "limits.scratch"?: string | number | boolean | null;
                    "limits.timeout"?: string | number | boolean | null;
                    "queue.limit"?: string | number | boolean | null;
                    "queue.memory"?: string | number | boolean | null;
                    "queue.per_task"?: string | number | boolean | null;
                    "queue.slots"?: string | number | boolean | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setting"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    sessions_set_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The setup key that the service printed. */
                    key: string;
                    /** @description The name. */
                    name: string;
                    /** @description The password: 12 characters at least. */
                    password: string;
                };
            };
        };
        responses: {
            /** @description Signed in; the cookie holds the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_ledger: {
        parameters: {
            query?: {
                /** @description Slots before this instant: the last of the part before. */
                before?: string | null;
                /** @description With one of these ends, with commas between them. */
                decision?: ("ran" | "skipped" | "missed")[];
                /** @description How many at most. */
                limit?: number;
                /** @description Of the schedule with this key. */
                schedule?: string | null;
                /** @description Slots from this instant on. */
                since?: string | null;
                /** @description Of this task. */
                task?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerEntry"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    system_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["System"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    system_doctor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    system_storage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Storage"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_list: {
        parameters: {
            query?: {
                /** @description Where the part before ended. */
                cursor?: string | null;
                /** @description How many at most. */
                limit?: number;
                /** @description Those with this tag. */
                tag?: string | null;
                /** @description Those whose name or description holds this text, whatever its case. */
                text?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageOfTaskItem"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The template of images, or `shared:<name>`, that it names; not together
                     *     with files, whose manifest says it.
                     * @default null
                     */
                    environment?: string | null;
                    /**
                     * @description Its files, by path.
                     * @default {}
                     */
                    files?: {
                        [key: string]: {
                            /**
                             * @description Its content in base 64 (RFC 4648).
                             * @default null
                             */
                            base64?: string | null;
                            /**
                             * @description Whether its owner may execute it.
                             * @default false
                             */
                            executable?: boolean;
                            /**
                             * @description Its content as text.
                             * @default null
                             */
                            text?: string | null;
                        };
                    };
                    /** @description Its name. */
                    name: string;
                    /** @description What it begins with when no files are given. */
                    template?: ("script" | "pep723" | "report" | "params") | null;
                };
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_remove: {
        parameters: {
            query?: {
                /** @description Cancels them, instead of refusing. */
                cancel_runs?: boolean;
            };
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description What the task is for; an empty text removes it.
                     * @default null
                     */
                    description?: string | null;
                    /**
                     * @description Whether new runs are allowed.
                     * @default null
                     */
                    enabled?: boolean | null;
                    /**
                     * @description All words to group it by, instead of those before.
                     * @default null
                     */
                    tags?: string[] | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    files_pack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The range of it */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    files_upload: {
        parameters: {
            query?: {
                /** @description Replaces it, instead of refusing; its present code is kept as a version. */
                replace?: boolean;
            };
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/gzip": string;
                "application/x-tar": string;
                "application/zip": string;
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    builds_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Work"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    builds_start: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Builds the environment although it is there, on the base of today.
                     * @default false
                     */
                    anew?: boolean;
                };
            };
        };
        responses: {
            /** @description It goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Work"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    builds_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Work"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    logs_of_build: {
        parameters: {
            query?: {
                /** @description The lines behind this number; 0 for the first. */
                after?: number | null;
                /** @description The lines just before this number. */
                before?: number | null;
                /** @description The lines from this number on. */
                from?: number | null;
                /** @description How many lines at most, 500 if not said. */
                limit?: number | null;
                /** @description Only lines of this stream. */
                stream?: ("stdout" | "stderr" | "build" | "system") | null;
                /** @description So many lines from the end. */
                tail?: number | null;
                /** @description The lines up to this number; with `from`. */
                to?: number | null;
            };
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    download_of_build: {
        parameters: {
            query?: never;
            header?: {
                /** @description The bytes that are wanted, such as bytes=0-1023, bytes=1024- or bytes=-1024. Anything else is as if it were not said. */
                Range?: string;
            };
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A part of it */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            /** @description There is no such part */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    logs_search_build: {
        parameters: {
            query: {
                /** @description Only in lines before this number: `next` of the answer before. */
                before?: number | null;
                /** @description Whether the case of letters does not matter. */
                ignore_case?: boolean;
                /** @description Hits at most, 100 if not said. */
                limit?: number | null;
                /** @description A text, or with `regex=true` an expression. */
                q: string;
                /**
                 * @description Whether `q` is a regular expression, in the syntax of RE2: without
                 *     look-around and back-references.
                 */
                regex?: boolean;
                /** @description Only in lines of this stream. */
                stream?: ("stdout" | "stderr" | "build" | "system") | null;
            };
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hits"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    live_build: {
        parameters: {
            query?: {
                /** @description The lines up to this one are known. */
                after?: number;
                /** @description Only so many of the lines that are there. */
                tail?: number | null;
            };
            header?: {
                /** @description The id of the last event that came: the stream goes on behind it. Browsers send it by themselves. */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events: `line`, whose id is the attempt and the number of the line with a dot between them; `partial`, the unfinished line as it stands; `step`, of a build; `gap`, lines that cannot be told; `end`, after which nothing comes; `error`, likewise */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": {
                        data?: string;
                        event?: string;
                        id?: string;
                        retry?: number;
                    };
                };
            };
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    versions_diff: {
        parameters: {
            query?: {
                /**
                 * @description The one to begin with, as a rule the older: a digest or the beginning of
                 *     one; left out, it is the folder as it is now.
                 */
                from?: string | null;
                /** @description The other; left out, it is the folder as it is now. */
                to?: string | null;
            };
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionDiff"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_duplicate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name, which must be free. */
                    name: string;
                };
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    builds_adopt: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Its digest. */
                    lock: string;
                };
            };
        };
        responses: {
            /** @description It goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Work"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    builds_propose: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Work"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    files_list: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entry"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    files_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The path of a file below its folder. */
                path: string;
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    files_write: {
        parameters: {
            query?: never;
            header?: {
                /** @description Changes it only if it still has this ETag */
                "If-Match"?: string;
                /** @description `*` writes the file only if it is not there */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The path of a file below its folder. */
                path: string;
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Written"];
                };
            };
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Written"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    files_remove: {
        parameters: {
            query?: never;
            header?: {
                /** @description Changes it only if it still has this ETag */
                "If-Match"?: string;
                /** @description `*` writes the file only if it is not there */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The path of a file below its folder. */
                path: string;
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileChange"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_loss: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Loss"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    tasks_rename: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name, which must be free. */
                    name: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    files_rename: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Its present path.
                     * @example lib/text.py
                     */
                    from: string;
                    /**
                     * @description Its path from now on, which must be free.
                     * @example lib/text.py
                     */
                    to: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileChange"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    launch_start: {
        parameters: {
            query?: {
                /** @description Seconds to wait for the end before answering, 3600 at most. */
                wait?: number;
            };
            header?: {
                /** @description Makes asking twice the same as asking once, for a day: the second answer is the first one's run. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description Arguments after those of the manifest.
                     * @default []
                     */
                    args?: string[];
                    /**
                     * @description Files to lay over the task's own, by path, for this run alone: nothing is
                     *     saved. Only those who may change the task may do this.
                     * @default {}
                     */
                    files?: {
                        [key: string]: {
                            /**
                             * @description Its content in base 64 (RFC 4648).
                             * @default null
                             */
                            base64?: string | null;
                            /**
                             * @description Whether its owner may execute it.
                             * @default false
                             */
                            executable?: boolean;
                            /**
                             * @description Its content as text.
                             * @default null
                             */
                            text?: string | null;
                        };
                    };
                    /**
                     * @description Instead of the task's own overlap policy.
                     * @default null
                     */
                    overlap?: ("allow" | "queue" | "skip" | "replace") | null;
                    /**
                     * @description Values of declared parameters, by name.
                     * @default {}
                     */
                    params?: {
                        [key: string]: unknown;
                    };
                    /**
                     * Format: int32
                     * @description Instead of the task's own priority.
                     * @default null
                     */
                    priority?: number | null;
                    /**
                     * @description Values of secrets that the task names, instead of those that are kept. They
                     *     are kept, sealed, until the run is over.
                     * @default {}
                     */
                    secrets?: {
                        [key: string]: string;
                    };
                };
            };
        };
        responses: {
            /** @description Over, or asked for before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It waits or goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_list: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_add: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description What happens after a time without the service: `none`, `latest` (default,
                     *     the latest of the missed runs) or `all` (the latest `catch_up_max`).
                     */
                    catch_up?: ("none" | "latest" | "all") | null;
                    /**
                     * Format: uint32
                     * @description How many runs `catch_up = "all"` makes at most; default 10.
                     */
                    catch_up_max?: number | null;
                    /**
                     * @description How late a missed run may be made up for, such as `"2h"`; default 1 h.
                     * @example 1h30m
                     */
                    catch_up_window?: string | number | null;
                    /** @description `false` lets it rest. */
                    enabled?: boolean | null;
                    /** @description Nothing after; a day is included. */
                    end?: string | null;
                    /**
                     * @description Days on which it does not run: days, ranges (`"2026-12-24..2027-01-02"`),
                     *     `"weekends"`, `"weekdays"`, or the name of a file
                     *     `calendars/<name>.txt`.
                     */
                    exclude?: string[];
                    /**
                     * @description Each run begins up to so much later, by chance, such as `"5m"`.
                     * @example 1h30m
                     */
                    jitter?: string | number | null;
                    /**
                     * @description What it is called within its task, where `when` alone does not tell: 1 to
                     *     63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit.
                     */
                    name?: string | null;
                    /**
                     * @description What it does when it is due while runs of the task are not over: `skip`
                     *     (default), `queue`, `replace` or `allow`.
                     */
                    overlap?: ("allow" | "queue" | "skip" | "replace") | null;
                    /** @description Values for parameters of the task. */
                    params?: {
                        [key: string]: unknown;
                    };
                    /**
                     * @description Nothing before: a day, a local time (`"2026-12-01T06:00"`), or a time with
                     *     its offset.
                     */
                    start?: string | null;
                    /**
                     * @description The time zone by its IANA name, such as `"Europe/Berlin"`; else that of
                     *     the service's setting `timezone`.
                     */
                    timezone?: string | null;
                    /**
                     * @description The rule: `"06:00"`, `"MON 08:00"`, `"15 09:30"`, `"@every 15m"`,
                     *     `"@daily"`, or a cron pattern such as `"0 6 * * MON-FRI"`.
                     * @default
                     */
                    when?: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key of one of its schedules: its name, or its rule. */
                schedule: string;
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description What happens after a time without the service: `none`, `latest` (default,
                     *     the latest of the missed runs) or `all` (the latest `catch_up_max`).
                     */
                    catch_up?: ("none" | "latest" | "all") | null;
                    /**
                     * Format: uint32
                     * @description How many runs `catch_up = "all"` makes at most; default 10.
                     */
                    catch_up_max?: number | null;
                    /**
                     * @description How late a missed run may be made up for, such as `"2h"`; default 1 h.
                     * @example 1h30m
                     */
                    catch_up_window?: string | number | null;
                    /** @description `false` lets it rest. */
                    enabled?: boolean | null;
                    /** @description Nothing after; a day is included. */
                    end?: string | null;
                    /**
                     * @description Days on which it does not run: days, ranges (`"2026-12-24..2027-01-02"`),
                     *     `"weekends"`, `"weekdays"`, or the name of a file
                     *     `calendars/<name>.txt`.
                     */
                    exclude?: string[];
                    /**
                     * @description Each run begins up to so much later, by chance, such as `"5m"`.
                     * @example 1h30m
                     */
                    jitter?: string | number | null;
                    /**
                     * @description What it is called within its task, where `when` alone does not tell: 1 to
                     *     63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit.
                     */
                    name?: string | null;
                    /**
                     * @description What it does when it is due while runs of the task are not over: `skip`
                     *     (default), `queue`, `replace` or `allow`.
                     */
                    overlap?: ("allow" | "queue" | "skip" | "replace") | null;
                    /** @description Values for parameters of the task. */
                    params?: {
                        [key: string]: unknown;
                    };
                    /**
                     * @description Nothing before: a day, a local time (`"2026-12-01T06:00"`), or a time with
                     *     its offset.
                     */
                    start?: string | null;
                    /**
                     * @description The time zone by its IANA name, such as `"Europe/Berlin"`; else that of
                     *     the service's setting `timezone`.
                     */
                    timezone?: string | null;
                    /**
                     * @description The rule: `"06:00"`, `"MON 08:00"`, `"15 09:30"`, `"@every 15m"`,
                     *     `"@daily"`, or a cron pattern such as `"0 6 * * MON-FRI"`.
                     * @default
                     */
                    when?: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleView"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key of one of its schedules: its name, or its rule. */
                schedule: string;
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_make_up: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key of one of its schedules: its name, or its rule. */
                schedule: string;
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: uint8
                     * @description How many of the newest missed slots; 100 at most.
                     */
                    count: number;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    schedules_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key of one of its schedules: its name, or its rule. */
                schedule: string;
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description `false` lets it go on.
                     * @default true
                     */
                    paused?: boolean;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Paused"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    variables_of_task: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Resolved"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    versions_list: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionItem"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    versions_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a task. */
                task: string;
                /** @description A digest, or the beginning of one, of 4 digits or more. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionDetail"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    versions_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The path of a file. */
                path: string;
                /** @description The name of a task. */
                task: string;
                /** @description A digest, or the beginning of one, of 4 digits or more. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    versions_restore: {
        parameters: {
            query?: never;
            header?: {
                /** @description Changes it only if it still has this ETag */
                "If-Match"?: string;
                /** @description `*` writes the file only if it is not there */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The name of a task. */
                task: string;
                /** @description A digest, or the beginning of one, of 4 digits or more. */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Restored"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiToken"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_add_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * Format: uint32
                     * @description For how many days, 3650 at most; null for ever.
                     * @default 90
                     */
                    expires_in_days?: number | null;
                    /** @description What it is for: 1 to 100 characters. */
                    name: string;
                    /** @description What it may do at most. */
                    scopes: ("runs:read" | "runs:trigger" | "runs:cancel" | "runs:pin" | "logs:read" | "tasks:read" | "tasks:write" | "schedules:write" | "secrets:write" | "admin")[];
                    /**
                     * @description The only tasks it is for; for all, if left out.
                     * @default null
                     */
                    tasks?: string[] | null;
                };
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeToken"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description An API token. It names the token and opens nothing. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    triggers_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trigger2"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    triggers_save: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a trigger: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                trigger: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description How a caller proves that it may.
                     *     - `token`: With the token of the trigger.
                     *     - `github`: With a signature as GitHub makes it (`X-Hub-Signature-256`).
                     *     - `standard`: With a signature as Standard Webhooks has it, not older than 5 minutes.
                     * @default token
                     * @enum {string}
                     */
                    auth?: "token" | "github" | "standard";
                    /**
                     * @description Whether it starts anything.
                     * @default true
                     */
                    enabled?: boolean;
                    /**
                     * @description Values of declared parameters: for each the place in the payload, as a JSON
                     *     pointer (RFC 6901). What is not there is not given.
                     * @default {}
                     */
                    params?: {
                        [key: string]: string;
                    };
                    /**
                     * Format: uint32
                     * @description How many runs it may start in a minute.
                     * @default 60
                     */
                    per_minute?: number;
                    /**
                     * @description The secret that signatures are made with; none with a token.
                     * @default null
                     */
                    secret?: string | null;
                    /** @description The task. */
                    task: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerMade"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    triggers_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a trigger: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                trigger: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    triggers_fire: {
        parameters: {
            query?: {
                /** @description The token of the trigger; `X-Runbay-Token` may hold it instead. */
                token?: string | null;
                /** @description Seconds to wait for the end before answering, 3600 at most. */
                wait?: number;
            };
            header?: never;
            path: {
                /** @description The name of a trigger: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                trigger: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description Over, or asked for before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Fired"];
                };
            };
            /** @description It waits or goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Fired"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    triggers_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a trigger: as of tasks, `[a-z0-9][a-z0-9_-]{0,62}`. */
                trigger: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerMade"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_add_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The name. */
                    name: string;
                    /** @description The password: 12 characters at least. */
                    password: string;
                    /**
                     * @description Whether a viewer may read logs; others may anyway.
                     * @default false
                     */
                    reads_logs?: boolean;
                    /**
                     * @description What they may do at most.
                     *     - `viewer`: Looks at tasks and runs; at logs only where granted.
                     *     - `operator`: Also starts, cancels, pins and pauses what there is.
                     *     - `admin`: Everything, also code, which runs with a task's secrets.
                     * @enum {string}
                     */
                    role: "viewer" | "operator" | "admin";
                };
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a user: `[a-z0-9][a-z0-9._@-]{0,62}`, so that two names never
                 *     look alike, and e-mail addresses are names.
                 */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_remove_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a user: `[a-z0-9][a-z0-9._@-]{0,62}`, so that two names never
                 *     look alike, and e-mail addresses are names.
                 */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_change_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a user: `[a-z0-9][a-z0-9._@-]{0,62}`, so that two names never
                 *     look alike, and e-mail addresses are names.
                 */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Whether they are let in no longer.
                     * @default null
                     */
                    disabled?: boolean | null;
                    /**
                     * @description Whether a viewer may read logs.
                     * @default null
                     */
                    reads_logs?: boolean | null;
                    /**
                     * @description What they may do at most.
                     * @default null
                     */
                    role?: ("viewer" | "operator" | "admin") | null;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    admin_set_password: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a user: `[a-z0-9][a-z0-9._@-]{0,62}`, so that two names never
                 *     look alike, and e-mail addresses are names.
                 */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The password: 12 characters at least. */
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    variables_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Variable"][];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    variables_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of a variable that people may set. */
                variable: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Of the tasks with this tag.
                     * @default null
                     */
                    tag?: string | null;
                    /**
                     * @description Of this task.
                     * @default null
                     */
                    task?: string | null;
                    /** @description 32 KiB at most, without NUL. Everybody who may look at tasks sees it. */
                    value: string;
                };
            };
        };
        responses: {
            /** @description As asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Variable"];
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    variables_remove: {
        parameters: {
            query?: {
                /** @description Of the tasks with this tag. */
                tag?: string | null;
                /** @description Of this task. */
                task?: string | null;
            };
            header?: never;
            path: {
                /** @description The name of a variable that people may set. */
                variable: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    metrics_lives: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    metrics_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenMetrics 1.0 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/openmetrics-text": string;
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            503: components["responses"]["503"];
        };
    };
    metrics_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Runs can begin */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"] | {
                        ready: boolean;
                    };
                };
            };
            400: components["responses"]["400"];
            401: components["responses"]["401"];
            403: components["responses"]["403"];
            404: components["responses"]["404"];
            409: components["responses"]["409"];
            410: components["responses"]["410"];
            412: components["responses"]["412"];
            413: components["responses"]["413"];
            415: components["responses"]["415"];
            422: components["responses"]["422"];
            429: components["responses"]["429"];
            /** @description Something is amiss */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"] | {
                        ready: boolean;
                    };
                };
            };
        };
    };
}
