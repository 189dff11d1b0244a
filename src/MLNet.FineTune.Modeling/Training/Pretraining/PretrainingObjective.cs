using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>The weighted sum of losses over one pass of the encoder.</summary>
/// <param name="encoder">The encoder that learns.</param>
/// <param name="losses">The losses, one at least.</param>
/// <param name="passages">Gives the texts of a batch, and hides tokens of them.</param>
/// <param name="pooling">How token vectors become a text's.</param>
/// <param name="teach">What a teacher makes of the passages of a batch; null without distillation.</param>
internal sealed class PretrainingObjective(
    TransformerEncoder encoder, IReadOnlyList<IPretrainingLoss> losses, PassageBatches passages, PoolingModes pooling, Func<IReadOnlyList<Passage>, TeacherOutput>? teach) : ITrainingObjective, IDisposable
{
    private readonly bool _allHiddenStates = losses.Any(loss => loss.NeedsHiddenStates);
    private Tensor? _latest;

    /// <summary>Reads the losses of the latest batch before weighting, by name. Waits for the device: training itself does not.</summary>
    public Dictionary<string, double> Latest()
    {
        if (_latest is null)
            return [];
        using Tensor values = _latest.cpu();
        return losses.Zip(values.data<float>().ToArray()).ToDictionary(pair => pair.First.Name, pair => (double)pair.Second);
    }

    public Tensor Loss(int[] batch)
    {
        PassageBatch read = passages.Read(batch, DrawRandom());
        var encoded = new EncodedBatch(pooling)
        {
            Texts = read.Texts,
            AnchorCount = batch.Length,
            Targets = read.Targets,
            Stretches = EncodedStretch.Encode(encoder, read.Inputs, _allHiddenStates),
            Teacher = teach?.Invoke(read.Passages),
        };
        Tensor? total = null;
        var values = new List<Tensor>();
        foreach (IPretrainingLoss loss in losses)
        {
            Tensor value = loss.Compute(encoded);
            values.Add(value.detach());
            Tensor weighted = loss.Weight == 1 ? value : value.Mul(loss.Weight);
            total = total is null ? weighted : total.Add(weighted);
        }
        _latest?.Dispose();
        _latest = stack(values).DetachFromDisposeScope();
        return total!;
    }

    /// <summary>Seeded from torch's own generator, which a checkpoint restores: so a resumed training masks as the unbroken one.</summary>
    private static Random DrawRandom()
    {
        using Tensor seed = randint(0, int.MaxValue, [1], dtype: ScalarType.Int64, device: CPU);
        return new Random((int)seed.item<long>());
    }

    public void Dispose() => _latest?.Dispose();
}
