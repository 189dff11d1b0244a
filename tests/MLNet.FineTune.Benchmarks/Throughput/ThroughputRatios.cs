using System.Text.Json.Nodes;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>Which rates are told as multiples of which.</summary>
internal static class ThroughputRatios
{
    private static readonly (string Case, string Field, string Base)[] Pairs =
    [
        ("train-lora-fp32", "ratio_to_full", "train-full-fp32"),
        ("train-lora-bf16", "ratio_to_full", "train-full-bf16"),
        ("train-head-fp32", "ratio_to_full", "train-full-fp32"),
        ("train-full-bf16", "ratio_to_fp32", "train-full-fp32"),
        ("train-lora-bf16", "ratio_to_fp32", "train-lora-fp32"),
        ("score-encoder-bf16", "ratio_to_fp32", "score-encoder-fp32"),
        ("score-transform-fp32", "ratio_to_encoder", "score-encoder-fp32"),
    ];

    public static IEnumerable<(string Field, JsonNode? Value)> Of(ThroughputCase @case, IReadOnlyList<ThroughputCase> cases) =>
        Pairs.Where(pair => pair.Case == @case.Name).Select(pair => (pair.Field, (JsonNode?)(@case.Rate / cases.First(other => other.Name == pair.Base).Rate)));
}
