using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders.Families;

namespace MLNet.FineTune.Models;

/// <summary>The head that a fine-tuned checkpoint has.</summary>
internal static class CheckpointHead
{
    private const string ArchitecturesKey = "architectures";
    private const string ProblemKey = "problem_type";
    private const string SeveralLabels = "multi_label_classification";
    private const string Regression = "regression";

    /// <summary>What opens the checkpoints of a task.</summary>
    private static readonly (TextTask Task, string Openers)[] Openers =
    [
        (TextTask.SequenceClassification, "LoadPretrainedClassifier, LoadPretrainedMultiLabelClassifier or LoadPretrainedRegressor"),
        (TextTask.TokenClassification, "LoadPretrainedTokenClassifier"),
        (TextTask.QuestionAnswering, "LoadPretrainedQuestionAnswerer"),
    ];

    /// <summary>Checks that a checkpoint has the head of a task, by what its configuration says and what tensors it has.</summary>
    /// <param name="encoder">The checkpoint.</param>
    /// <param name="task">The task.</param>
    /// <param name="source">What the checkpoint is called in messages.</param>
    /// <returns>What the classes are called; of a head without classes, what transformers calls its outputs.</returns>
    /// <exception cref="InvalidDataException">The head is not there, or the configuration says something else of its classes.</exception>
    /// <exception cref="NotSupportedException">The checkpoint is one of another task.</exception>
    public static IReadOnlyList<string> Require(PretrainedEncoder encoder, PretrainedTask task, string source)
    {
        JsonObject config = encoder.Config.Source;
        string location = $"config.json ({source})";
        TextTask head = task switch
        {
            PretrainedTask.Words => TextTask.TokenClassification,
            PretrainedTask.Answers => TextTask.QuestionAnswering,
            _ => TextTask.SequenceClassification,
        };
        string expected = ModelDirectory.Architecture(encoder.Config.ModelType, head);
        IReadOnlyList<(string Name, TensorInfo? Stored)> output = encoder.HeadOutput(head);
        string[] missing = [.. output.Where(tensor => tensor.Stored is null).Select(tensor => $"'{tensor.Name}'")];
        RequireHead(new ConfigReader(config, location).Texts(ArchitecturesKey), head, expected, missing, location);
        int count = task == PretrainedTask.Answers ? 2 : CheckpointLabels.Count(config, location);
        if (output[0].Stored!.Shape is not [var rows, _] || rows != count)
            throw new InvalidDataException($"{location}: there are {count} {(task == PretrainedTask.Answers ? "ends of answers" : "labels ('id2label')")}, but the tensor '{output[0].Name}' has the shape [{string.Join(", ", output[0].Stored!.Shape)}]; expected one row each.");
        if (head == TextTask.SequenceClassification)
            RequireProblem(new ConfigReader(config, location).Text(ProblemKey, ""), count, task, location);
        return task == PretrainedTask.Answers ? [] : CheckpointLabels.Names(config, location);
    }

    private static void RequireHead(IReadOnlyList<string> found, TextTask head, string expected, string[] missing, string location)
    {
        bool Is(TextTask task) => found.Any(name => name.EndsWith(ModelDirectory.Suffix(task), StringComparison.Ordinal));

        bool stated = found.Count == 0 || Is(head);
        string what = $"{location}: '{ArchitecturesKey}' is {(found.Count == 0 ? "not set" : string.Join(", ", found))}";
        if (!stated && Openers.FirstOrDefault(opener => Is(opener.Task)).Openers is { } other)
            throw new NotSupportedException($"{what}; expected {expected}. Use {other}.");
        if (missing.Length > 0)
            throw new InvalidDataException($"{what}; the checkpoint has no trained head: of {expected}, {string.Join(" and ", missing)} are missing. Train the encoder first, with FineTune for instance, or name a checkpoint that is fine-tuned.");
        if (!stated)
            throw new NotSupportedException($"{what}; expected {expected}.");
    }

    /// <summary>The three kinds of <c>…ForSequenceClassification</c>. One label is a number where nothing is said, as in Hugging Face transformers.</summary>
    private static void RequireProblem(string problem, int count, PretrainedTask task, string location)
    {
        bool number = problem == Regression || (count == 1 && problem != SeveralLabels), sets = problem == SeveralLabels;
        string what = $"{location}: the model has {count} {(count == 1 ? "label" : "labels")}, '{ProblemKey}' is {(problem.Length == 0 ? "not set" : $"'{problem}'")}; ";
        if (task == PretrainedTask.Number && (!number || count != 1))
            throw new NotSupportedException($"{what}expected one label, for one number.{(number ? "" : $" Use {(sets ? "LoadPretrainedMultiLabelClassifier" : "LoadPretrainedClassifier")}.")}");
        if (task == PretrainedTask.Classes && (number || sets))
            throw new NotSupportedException($"{what}expected two labels or more, of which a text has one. Use {(sets ? "LoadPretrainedMultiLabelClassifier" : "LoadPretrainedRegressor")}.");
        if (task == PretrainedTask.LabelSets && !sets && problem.Length > 0)
            throw new NotSupportedException($"{what}expected '{SeveralLabels}'. Use {(number ? "LoadPretrainedRegressor" : "LoadPretrainedClassifier")}.");
    }
}
