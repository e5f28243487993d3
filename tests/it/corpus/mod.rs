//! Results on kubernetes/enhancements, compared with the tables in `tests/tables/`.

mod defects;
mod kubernetes_lists;
mod noise;
pub(crate) mod promotions;
pub(crate) mod replay;
mod review;
mod stage_behind;
mod transcripts;
mod transcripts_of_lists;
mod verdicts;
mod whole_tree;
