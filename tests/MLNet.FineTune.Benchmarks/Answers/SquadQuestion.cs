using System.Text;
using System.Text.Json;

namespace MLNet.FineTune.Benchmarks.Answers;

/// <summary>A question of SQuAD, with its context and its answers.</summary>
internal sealed class SquadQuestion
{
    /// <summary>The number of the article that the context is of.</summary>
    public int Article { get; set; }

    public string Question { get; set; } = "";
    public string Context { get; set; } = "";
    public string[] Answers { get; set; } = [];

    /// <summary>Where each answer begins in the context, in UTF-16 characters.</summary>
    public int[] Starts { get; set; } = [];

    /// <summary>Reads a file in SQuAD's JSON, of either version.</summary>
    /// <exception cref="InvalidDataException">The file is no JSON, or lacks a property.</exception>
    public static IReadOnlyList<SquadQuestion> Read(string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. json.RootElement.GetProperty("data").EnumerateArray().SelectMany((article, number) => article.GetProperty("paragraphs").EnumerateArray().SelectMany(paragraph => OfParagraph(paragraph, number)))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: not in SQuAD's JSON: {e.Message}", e);
        }
    }

    private static IEnumerable<SquadQuestion> OfParagraph(JsonElement paragraph, int article)
    {
        string context = paragraph.GetProperty("context").GetString()!;
        foreach (JsonElement question in paragraph.GetProperty("qas").EnumerateArray())
        {
            JsonElement[] answers = [.. question.GetProperty("answers").EnumerateArray()];
            yield return new SquadQuestion
            {
                Article = article,
                Question = question.GetProperty("question").GetString()!,
                Context = context,
                Answers = [.. answers.Select(answer => answer.GetProperty("text").GetString()!)],
                Starts = [.. answers.Select(answer => Utf16Index(context, answer.GetProperty("answer_start").GetInt32()))],
            };
        }
    }

    /// <summary>SQuAD counts code points, as Python does.</summary>
    private static int Utf16Index(string text, int codePoints) => text.EnumerateRunes().Take(codePoints).Sum(rune => rune.Utf16SequenceLength);
}
