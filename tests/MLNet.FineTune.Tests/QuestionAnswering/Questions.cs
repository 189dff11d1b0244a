using Microsoft.ML;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.QuestionAnswering;

/// <summary>Questions that a tiny network learns to answer: who went, and where.</summary>
internal static class Questions
{
    private static readonly string[] People = ["anna", "bert", "carla"], Places = ["york", "rome", "oslo"], Others = ["the", "green", "train", "at", "noon"];

    public static QuestionAnsweringOptions Options(string method = "full", int epochs = 15, int? maxLength = null) => new()
    {
        Encoder = Tiny.Encoder(layers: 2),
        Peft = Tiny.Method(method),
        Precision = Precision.Float32,
        MaxLength = maxLength,
        Training = { Epochs = epochs, BatchSize = 8, LearningRate = method == "lora" ? 1e-2 : 5e-3, ValidationMetric = ValidationMetric.AnswerF1 },
    };

    /// <summary>Contexts with a person and a place, of one word or two; the question says which of them is asked for.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Which.</param>
    /// <param name="words">Words around them.</param>
    /// <param name="unanswerable">The share of places asked for in a context that has none.</param>
    public static List<Asked> Make(int count, int seed = 1, int words = 6, double unanswerable = 0)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            string person = People[random.Next(3)], place = (random.Next(2) == 0 ? "new " : "") + Places[random.Next(3)];
            bool where = random.Next(2) == 0, without = random.NextDouble() < unanswerable;
            List<string> parts = [.. Enumerable.Range(0, words).Select(_ => Others[random.Next(Others.Length)])];
            parts.Insert(random.Next(parts.Count + 1), person);
            if (!without)
                parts.Insert(random.Next(parts.Count + 1), place);
            string context = string.Join(' ', parts), answer = where ? without ? "" : place : person;
            return new Asked { Question = where ? "where was it?" : "who went?", Context = context, Answer = answer, AnswerStart = answer.Length == 0 ? -1 : context.IndexOf(answer, StringComparison.Ordinal) };
        })];
    }

    public static IDataView Load(MLContext ml, IEnumerable<Asked> rows) => ml.Data.LoadFromEnumerable(rows);
}

/// <summary>A question with its answer.</summary>
internal sealed record Asked
{
    public string Question { get; set; } = "";
    public string Context { get; set; } = "";
    public string Answer { get; set; } = "";
    public int AnswerStart { get; set; }
    public float Weight { get; set; } = 1;
    public string[] Answers { get; set; } = [];
    public float[] Starts { get; set; } = [];
}

/// <summary>What is found.</summary>
internal sealed class Found
{
    public string PredictedAnswer { get; set; } = "";
    public float Score { get; set; }
    public int PredictedStart { get; set; }
    public int PredictedLength { get; set; }
}
