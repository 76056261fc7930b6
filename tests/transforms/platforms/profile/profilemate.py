"""The files that ProfileMate wrote: names and columns, which its users' scripts read."""

from __future__ import annotations

HEADERS = {
    "cuda_graph_captures.csv": "runtime_mode,num_tokens,num_reqs,uniform,has_lora,capture_time_sec",
    "cuda_graph_usage.csv": "runtime_mode,num_tokens,num_reqs,uniform,has_lora,replay_count",
    "cuda_graph_timeline.csv": "timestamp_sec,descriptor,duration_ms",
    "kv_cache_usage.csv": "timestamp_sec,usage_pct,num_blocks,total_blocks",
    "kv_cache_evictions.csv": "timestamp_sec,lifetime_sec,idle_sec",
    "moe_expert_activations.csv": "layer_idx,expert_id,activation_count,percentage",
    "moe_expert_coselection.csv": "layer_idx,expert_id_1,expert_id_2,coselection_count",
    "moe_routing_weights_hist.csv": "layer_idx,token_idx,expert_id,weight",
    "moe_load_imbalance.csv": "layer_idx,timestamp_sec,std_dev,max_min_ratio",
    "forward_pass_timing.csv": "timestamp_sec,phase,batch_size,num_tokens,forward_time_ms,"
    "throughput_tokens_per_sec",
    "cpu_operations_timing.csv": "timestamp_sec,operation,duration_ms,context",
    "batch_utilization.csv": "timestamp_sec,num_seqs,max_num_seqs,seq_utilization_pct,num_tokens,"
    "max_tokens,token_utilization_pct,phase,running_queue_len,waiting_queue_len",
    "preemption_events.csv": "timestamp_sec,request_id,event,reason,running_time_sec,extra_info",
    "request_lifecycle.csv": "request_id,started_sec,preempted_sec,resumed_sec,finished_sec,"
    "total_time_sec,preemption_delay_sec",
    "encoder_decoder_timing.csv": "timestamp_sec,component,duration_ms,context",
}
