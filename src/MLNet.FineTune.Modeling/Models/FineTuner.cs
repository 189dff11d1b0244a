using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Fine-tunes an encoder to classify texts.</summary>
internal static class FineTuner
{
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TextClassifier Fit(FineTuneTask task)
    {
        NativeBackend.EnsureLoaded();
        task.Training.Validate();
        task.Peft.Validate();
        CheckSavedWeights(task);
        torch.manual_seed(task.Seed);

        using PretrainedEncoder encoder = task.Encoder.Open(Texts(task.Data));
        if (task.SavedWeights == SavedWeights.AdapterOnly && !encoder.HasWeights)
            throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} needs an encoder that can be found again when the model is loaded; this one cannot ({task.Encoder.Description}). Choose {nameof(SavedWeights.Embedded)}.");
        int maxLength = MaxLength(task, encoder);
        (LabelledTexts train, LabelledTexts? held) = Split(task);
        EncodedTexts rows = Tokenize(task, train, encoder, maxLength);
        EncodedTexts? validation = held is null ? null : Tokenize(task, held, encoder, maxLength);

        TaskModel model = encoder.CreateClassifier(task.ClassCount, task.Pooling, task.Device);
        PeftAdapter? adapter = null;
        try
        {
            model.Encoder.ComputeType = Hardware.ComputeType(task.Precision, task.Device);
            using var session = new FineTuneSession(task, encoder, model);
            PeftMethod method = Prepare(session, rows);
            adapter = PeftAdapter.Attach(model, method);
            session.Train(adapter, rows, validation, task.Training, task.Callbacks, task.Observers);
            adapter = adapter.Finish();
            return new TextClassifier(model, adapter, encoder.Tokenizer, Settings(task, adapter.Method, encoder, maxLength));
        }
        catch
        {
            adapter?.Dispose();
            model.Dispose();
            throw;
        }
    }

    private static PeftMethod Prepare(FineTuneSession session, EncodedTexts rows)
    {
        PeftMethod method = session.Task.Peft;
        if (!method.NeedsPreparation)
            return method;
        method = method.Prepare(new PeftPreparation(session, rows));
        // What follows must not depend on how much was tried.
        torch.manual_seed(session.Task.Seed);
        return method;
    }

    private static IEnumerable<string> Texts(LabelledTexts data) => data.Inputs.SelectMany(input => input.Pair is null ? [input.Text] : new[] { input.Text, input.Pair });

    private static (LabelledTexts Train, LabelledTexts? Validation) Split(FineTuneTask task)
    {
        if (task.Validation is not null || task.Training.ValidationFraction == 0)
            return (task.Data, task.Validation);
        (int[] kept, int[] held) = StratifiedSplit.Create(task.Data.Labels, task.Training.ValidationFraction, task.Seed);
        return (task.Data.Rows(kept), task.Data.Rows(held));
    }

    private static EncodedTexts Tokenize(FineTuneTask task, LabelledTexts data, PretrainedEncoder encoder, int maxLength)
    {
        Encoding[] rows = data.Inputs.Encode(encoder.Tokenizer, encoder.LowerCase, maxLength, task.Truncation, task.Training.CancellationToken);
        int full = rows.Count(row => row.Ids.Length == maxLength);
        if (full > 0)
            task.Inform?.Invoke($"{full} of {rows.Length} texts fill the maximum length of {maxLength} tokens; what is longer is cut ({task.Truncation}).");
        return new EncodedTexts(new TextBatches(rows, encoder.Config with { Device = task.Device }), data.Labels, data.Weights);
    }

    private static int MaxLength(FineTuneTask task, PretrainedEncoder encoder)
    {
        bool pairs = task.Data.Inputs.Any(input => input.Pair is not null);
        int reserved = task.Peft.ReservedLength, least = encoder.Tokenizer.SpecialTokenCount(pairs) + 1, most = encoder.Config.MaxLength - reserved;
        if (most < least)
            throw new ArgumentException($"'{task.Peft.MethodName}' needs {reserved} of the {encoder.Config.MaxLength} tokens that the encoder takes ({task.Encoder.Description}), which leaves none for the text; make its prompt shorter.");
        if (task.MaxLength is not { } length)
            return Math.Min(encoder.MaxLength, most);
        return length >= least && length <= most ? length : throw new ArgumentException(
            $"{nameof(FineTuneTask.MaxLength)} is {length}; expected {least} to {most}, what the encoder takes ({task.Encoder.Description}){(reserved == 0 ? "" : $" beside the {reserved} of '{task.Peft.MethodName}'")}.");
    }

    private static void CheckSavedWeights(FineTuneTask task)
    {
        if (task.SavedWeights == SavedWeights.AdapterOnly && task.Peft.ReplacesBase)
            throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} cannot go with '{task.Peft.MethodName}', which trains the encoder's own weights; choose an adapter method such as {nameof(Lora)}, or {nameof(SavedWeights.Embedded)}.");
    }

    private static TextClassifierSettings Settings(FineTuneTask task, PeftMethod method, PretrainedEncoder encoder, int maxLength) => new()
    {
        ClassCount = task.ClassCount,
        Pooling = task.Pooling ?? encoder.Pooling,
        MaxLength = maxLength,
        Truncation = task.Truncation,
        BatchSize = task.Training.BatchSize,
        Precision = task.Precision,
        LowerCase = encoder.LowerCase,
        Method = PeftMethods.ToJson(method),
        Encoder = task.SavedWeights == SavedWeights.AdapterOnly ? task.Encoder.ToJson() : null,
        EncoderSha256 = task.SavedWeights == SavedWeights.AdapterOnly ? encoder.Sha256 : null,
    };
}
