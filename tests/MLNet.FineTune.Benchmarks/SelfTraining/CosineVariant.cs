using System.Globalization;

namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>COSINE with other options than the default, from a text such as <c>rate=1e-4 distance=cosine</c>.</summary>
internal static class CosineVariant
{
    private static readonly Dictionary<string, Func<Cosine, string, Cosine>> Options = new()
    {
        ["rate"] = (method, value) => method with { SelfTraining = new TrainingOptions { LearningRate = Number(value) } },
        ["initial"] = (method, value) => method with { InitialSteps = int.Parse(value, CultureInfo.InvariantCulture) },
        ["threshold"] = (method, value) => method with { ConfidenceThreshold = Number(value) },
        ["contrast"] = (method, value) => method with { ContrastiveWeight = Number(value) },
        ["confidence"] = (method, value) => method with { ConfidenceWeight = Number(value) },
        ["margin"] = (method, value) => method with { Margin = Number(value) },
        ["power"] = (method, value) => method with { Power = Number(value) },
        ["distance"] = (method, value) => method with { Distance = Enum.Parse<EmbeddingDistance>(value, ignoreCase: true) },
    };

    /// <summary>The names of the options.</summary>
    public static string Names => string.Join(", ", Options.Keys);

    /// <exception cref="ArgumentException">An option is not known or has no value.</exception>
    /// <exception cref="FormatException">A value is no number.</exception>
    public static Cosine Parse(string text, SelfTrainSettings settings)
    {
        var method = new Cosine { StepScale = settings.StepScale };
        foreach (string option in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = option.Split('=');
            if (parts.Length != 2 || !Options.TryGetValue(parts[0], out Func<Cosine, string, Cosine>? set))
                throw new ArgumentException($"The variant of COSINE '{text}' has '{option}'; expected NAME=VALUE with a name among {Names}.");
            method = set(method, parts[1]);
        }
        return method.SelfTraining is { } training ? method with { SelfTraining = With(training, settings) } : method;
    }

    private static TrainingOptions With(TrainingOptions training, SelfTrainSettings settings)
    {
        training.BatchSize = settings.BatchSize;
        return training;
    }

    private static double Number(string value) => double.Parse(value, CultureInfo.InvariantCulture);
}
