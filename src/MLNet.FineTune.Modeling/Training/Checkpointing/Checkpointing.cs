using System.Text.Json;
using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Training;

/// <summary>Saves the whole state of a run at the set intervals and restores it, so that a resumed run equals an unbroken one.</summary>
/// <remarks>
/// Stored: parameters, optimiser moments, the state of all other callbacks, position, and the CPU random generator.
/// The batches need no more than the position, because samplers are functions of (seed, epoch).
/// </remarks>
internal sealed class Checkpointing(ICheckpointStore store, IReadOnlyDictionary<string, string> fingerprint, AdamW optimizer, IReadOnlyList<ITrainingCallback> parts) : ITrainingCallback
{
    private const string Fingerprint = "fingerprint";
    private const string PositionEntry = "position";
    private const string Generator = "random/cpu";

    // A validation metric may be NaN.
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public void OnTrainingStart(TrainingState state)
    {
        if (!state.Options.ResumeFromCheckpoint)
            return;
        using DisposeScope scope = NewDisposeScope();
        if (Readable(store.Load) is not { } checkpoint)
            return;
        TrainingFingerprint.RequireEqual(
            Readable(() => JsonSerializer.Deserialize<Dictionary<string, string>>(checkpoint.Value(Fingerprint))) ?? [], fingerprint, store.Location);
        Readable(() =>
        {
            Restore(checkpoint, state);
            return true;
        });
    }

    /// <summary>Says of a damaged checkpoint what to do about it.</summary>
    private T Readable<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or FormatException)
        {
            throw new InvalidDataException(
                $"The training checkpoint '{store.Location}' cannot be used: {e.Message} Delete it, or set {nameof(TrainingOptions.ResumeFromCheckpoint)} = false to start anew.", e);
        }
    }

    public void OnStepEnd(TrainingState state)
    {
        bool due = state.Options.CheckpointEverySteps is { } interval ? state.Step % interval == 0 : state.StepInEpoch == state.StepsPerEpoch;
        if (!due)
            return;
        using DisposeScope scope = NewDisposeScope();
        store.Save(Capture(state));
    }

    public void OnTrainingEnd(TrainingState state) => store.Delete();

    private StateBag Capture(TrainingState state)
    {
        var checkpoint = new StateBag();
        checkpoint.Values.Add(Fingerprint, JsonSerializer.Serialize(fingerprint));
        checkpoint.Values.Add(PositionEntry, JsonSerializer.Serialize(
            new Position(state.Step, state.Epoch, state.StepInEpoch, state.Rows, state.Elapsed, state.Loss, state.GradientNorm, state.ValidationMetric, state.Stop), Json));
        foreach (NamedParameter member in state.Groups.SelectMany(group => group.Parameters))
            checkpoint.Tensors.Add($"parameter/{member.Name}", member.Parameter.detach());
        AddPart(checkpoint, "optimizer", optimizer.SaveState);
        foreach (ITrainingCallback part in parts)
            AddPart(checkpoint, $"callback/{part.Name}", part.SaveState);
        using (var generator = torch.Generator.Default)
            checkpoint.Tensors.Add(Generator, generator.get_state());
        return checkpoint;
    }

    private void Restore(StateBag checkpoint, TrainingState state)
    {
        Position position = JsonSerializer.Deserialize<Position>(checkpoint.Value(PositionEntry), Json)
            ?? throw new InvalidDataException("It has no position.");

        using (no_grad())
        {
            foreach (NamedParameter member in state.Groups.SelectMany(group => group.Parameters))
                member.Parameter.copy_(checkpoint.Tensor($"parameter/{member.Name}"));
        }
        optimizer.LoadState(checkpoint.Part("optimizer"));
        foreach (ITrainingCallback part in parts)
            part.LoadState(checkpoint.Part($"callback/{part.Name}"));
        position.CopyTo(state);
        using var generator = torch.Generator.Default;
        generator.set_state(checkpoint.Tensor(Generator));
    }

    private static void AddPart(StateBag checkpoint, string prefix, Action<StateBag> save)
    {
        var part = new StateBag();
        save(part);
        checkpoint.Add(prefix, part);
    }

    private sealed record Position(int Step, int Epoch, int StepInEpoch, long Rows, TimeSpan Elapsed, double Loss, double GradientNorm, double? ValidationMetric, StopReason? Stop)
    {
        public void CopyTo(TrainingState state)
        {
            (state.Step, state.Epoch, state.StepInEpoch, state.Rows, state.Elapsed) = (Step, Epoch, StepInEpoch, Rows, Elapsed);
            (state.Loss, state.GradientNorm, state.ValidationMetric) = (Loss, GradientNorm, ValidationMetric);
            if (Stop is { } reason)
                state.RequestStop(reason);
        }
    }
}
