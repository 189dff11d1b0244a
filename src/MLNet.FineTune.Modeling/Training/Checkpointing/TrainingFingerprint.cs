using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLNet.FineTune.Training;

/// <summary>What must be equal for a checkpoint to continue a run: options that shape the result, data, and the trainable parameters.</summary>
internal static class TrainingFingerprint
{
    private const int DifferencesNamed = 5;

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    // Where files go, when they are written and what is computed once changes nothing in what is learnt.
    private static readonly string[] Irrelevant =
    [
        nameof(TrainingOptions.CheckpointDirectory), nameof(TrainingOptions.CheckpointEverySteps),
        nameof(TrainingOptions.ResumeFromCheckpoint), nameof(TrainingOptions.TensorBoardDirectory), nameof(TrainingOptions.FrozenStateMegabytes),
    ];

    public static IReadOnlyDictionary<string, string> Of(TrainingTask task, TrainingOptions options)
    {
        var entries = new Dictionary<string, string>
        {
            ["data"] = task.DataFingerprint,
            ["seed"] = task.Seed.ToString(CultureInfo.InvariantCulture),
            ["batches an epoch"] = task.Sampler.BatchesPerEpoch.ToString(CultureInfo.InvariantCulture),
            ["callbacks"] = string.Join(", ", task.Callbacks.Select(callback => callback.Name)),
        };
        if (task.ObjectiveFingerprint.Length > 0)
            entries["objective"] = task.ObjectiveFingerprint;
        foreach ((string name, string value) in Options(options))
            entries[name] = value;
        foreach (ParameterGroup group in task.Groups)
            foreach (NamedParameter member in group.Parameters)
                entries[$"parameter {member.Name}"] = string.Create(CultureInfo.InvariantCulture,
                    $"{member.Parameter.dtype}[{string.Join(", ", member.Parameter.shape)}], decay {group.WeightDecay}, rate × {group.LearningRateScale}");
        return entries;
    }

    /// <summary>The entries of the options alone.</summary>
    public static IEnumerable<(string Name, string Value)> Options(TrainingOptions options) =>
        JsonSerializer.SerializeToNode(options, Json)!.AsObject().Where(option => !Irrelevant.Contains(option.Key)).Select(option => ($"option {option.Key}", option.Value?.ToJsonString() ?? "null"));

    /// <summary>Compares a checkpoint's entries with those of this run.</summary>
    /// <exception cref="InvalidDataException">They differ; the message names the first differences.</exception>
    public static void RequireEqual(IReadOnlyDictionary<string, string> found, IReadOnlyDictionary<string, string> expected, string location)
    {
        string[] differences =
        [
            .. expected.Keys.Union(found.Keys)
                .Where(key => found.GetValueOrDefault(key) != expected.GetValueOrDefault(key))
                .Select(key => $"{key}: checkpoint {found.GetValueOrDefault(key) ?? "(absent)"}, this run {expected.GetValueOrDefault(key) ?? "(absent)"}"),
        ];
        if (differences.Length > 0)
            throw new InvalidDataException(
                $"The training checkpoint '{location}' is of another training and was not resumed. Set {nameof(TrainingOptions.ResumeFromCheckpoint)} = false " +
                $"to overwrite it, name another {nameof(TrainingOptions.CheckpointDirectory)}, or restore the settings that differ:{Environment.NewLine}  " +
                string.Join(Environment.NewLine + "  ", differences.Take(DifferencesNamed)) +
                (differences.Length > DifferencesNamed ? $"{Environment.NewLine}  and {differences.Length - DifferencesNamed} more" : ""));
    }
}
