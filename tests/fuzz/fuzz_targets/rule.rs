//! Any text is a rule with a canonical form and slots that only grow, or is
//! refused with a message.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runbay::domain::schedule::Schedule;
use runbay::time::{Plan, Rule, Zone};

fuzz_target!(|text: &str| {
    let (rule, _) = match Rule::parse(text) {
        Ok(read) => read,
        Err(fault) => {
            assert!(!fault.to_string().is_empty());
            return;
        }
    };
    let canonical = rule.to_string();
    let (again, _) = Rule::parse(&canonical).expect("a canonical rule is a rule");
    assert_eq!(again.to_string(), canonical);
    let Ok(plan) = Plan::new(&Schedule::new(text), Zone::UTC, "fuzz", &|_| None) else {
        return;
    };
    assert!(!plan.describe().is_empty());
    let mut slot = "2027-03-14T00:00:00Z".parse().expect("a time");
    for _ in 0..50 {
        let Some(next) = plan.next(slot) else { break };
        assert!(next > slot);
        slot = next;
    }
});
