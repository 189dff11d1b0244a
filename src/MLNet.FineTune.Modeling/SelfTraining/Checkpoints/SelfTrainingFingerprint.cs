using System.Globalization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.SelfTraining;

/// <summary>What must be equal for a checkpoint to continue a self-training: options that shape the result, texts and labels, and the encoder.</summary>
internal static class SelfTrainingFingerprint
{
    /// <param name="task">The task.</param>
    /// <param name="run">It made ready.</param>
    public static IReadOnlyDictionary<string, string> Of(SelfTrainingTask task, FineTuneRun run)
    {
        FineTuneTask tuning = task.Tuning;
        var entries = new Dictionary<string, string>
        {
            ["method"] = task.Method.GetType().Name,
            ["labelled texts and encoder"] = run.Session.Fingerprint(run.Rows),
            ["validation texts"] = run.Validation is { } validation ? run.Session.Fingerprint(validation) : "none",
            ["unlabelled texts"] = run.Unlabeled is { } texts ? run.Session.Fingerprint(new EncodedTexts(texts, [])) : "none",
            ["classes"] = tuning.ClassCount.ToString(CultureInfo.InvariantCulture),
            ["fine-tuning"] = PeftMethods.ToJson(tuning.Peft).ToJsonString(),
            ["linear probe"] = task.LinearProbe ?? "none",
            ["pooling"] = tuning.Pooling?.ToString() ?? "the encoder's",
            ["precision"] = tuning.Precision.ToString(),
            ["seed"] = tuning.Seed.ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string name, string value) in TrainingFingerprint.Options(tuning.Training))
            entries[name] = value;
        foreach ((string name, string value) in task.Method.Fingerprint())
            entries[$"{task.Method.GetType().Name}.{name}"] = value;
        return entries;
    }
}
