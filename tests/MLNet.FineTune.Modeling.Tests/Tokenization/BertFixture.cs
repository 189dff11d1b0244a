using System.Text.Json;

namespace MLNet.FineTune.Tests.Tokenization;

/// <summary>The vocabulary of bert-base-uncased and texts encoded by Hugging Face's BertTokenizer.</summary>
internal static class BertFixture
{
    public sealed record Line(string Text, string? Pair, int MaxLength, int[] InputIds, int[] TokenTypeIds);

    public static string Directory() => SharedData.Require("fixtures", "tokenizers", "bert-uncased");

    public static List<Line> Lines()
    {
        var options = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
        return [.. File.ReadLines(Path.Combine(Directory(), "expected.jsonl")).Select(line => JsonSerializer.Deserialize<Line>(line, options)!)];
    }
}
