namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>Chooses the files that are needed; repositories often hold the same weights in five formats.</summary>
internal static class HubModelFiles
{
    private static readonly string[] Plain =
    [
        "config.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "sentencepiece.bpe.model", "spiece.model", "spm.model", .. SentenceTransformerModules.TransformerConfigFiles,
    ];

    /// <summary>The small files of a model's folder; <paramref name="prefix"/> is the folder with its slash, or empty.</summary>
    public static IEnumerable<string> Small(HubModel model, string prefix) => Plain.Select(file => prefix + file).Where(model.Files.Contains);

    /// <summary>The weights, or the index of their shards; null where the folder has none in a known format.</summary>
    public static string? Weights(HubModel model, string prefix) =>
        new[] { CheckpointDirectory.Safetensors, CheckpointDirectory.SafetensorsIndex, CheckpointDirectory.PyTorch, CheckpointDirectory.PyTorchIndex }
            .Select(file => prefix + file).FirstOrDefault(model.Files.Contains);
}
