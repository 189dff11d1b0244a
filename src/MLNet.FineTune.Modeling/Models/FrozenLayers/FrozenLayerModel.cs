using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Runs a model above its frozen layers, on hidden states that are computed when a text first comes up.</summary>
/// <remarks>Exact but for rounding: the matrix products of a batch may round a row otherwise when its company changes, and a text keeps the states it had first. See <see cref="HiddenStateCaches.Alone"/>.</remarks>
internal sealed class FrozenLayerModel
{
    // Of similar length; larger ones gain nothing on a CPU.
    private const int FillBatch = 32;

    private readonly TaskModel _model;
    private readonly HiddenStateCache _cache;
    private readonly int _layers;
    private readonly bool _allStates;
    private readonly bool _firstOnly;
    private readonly bool _alone;

    private FrozenLayerModel(TaskModel model, HiddenStateCaches caches, int layers, bool allStates, bool firstOnly)
    {
        (_model, _layers, _allStates, _firstOnly, _alone) = (model, layers, allStates, firstOnly, caches.Alone);
        _cache = caches.At(layers, allStates, firstOnly);
    }

    /// <summary>The lowest layers whose output is worth keeping: those no training changes; none where that are the embeddings only, which cost nothing.</summary>
    /// <returns>Null where nothing is frozen.</returns>
    public static FrozenLayerModel? Create(PeftAdapter adapter, HiddenStateCaches caches)
    {
        if (adapter.FrozenLayers < 1)
            return null;
        // What reads all states has no layer above that trains: then all are kept.
        bool all = adapter.Model.Encoder.HiddenStatesSite.Occupied;
        // With no layer left to run, a text is as much as the head reads of it.
        bool first = !all && adapter.FrozenLayers == adapter.Model.Encoder.Config.LayerCount && adapter.Model.Head.ReadsFirstOnly;
        return new FrozenLayerModel(adapter.Model, caches, adapter.FrozenLayers, all, first);
    }

    /// <summary>The logits of some texts.</summary>
    public Tensor Forward(TextBatches batches, IReadOnlyList<int> rows)
    {
        using EncoderInput input = batches.Input(rows);
        return _model.Head.Forward(Encode(batches, rows, input), input);
    }

    /// <summary>The vectors of some texts that the head classifies.</summary>
    public Tensor Embed(TextBatches batches, IReadOnlyList<int> rows)
    {
        using EncoderInput input = batches.Input(rows);
        return ((IClassifierHead)_model.Head).Embed(Encode(batches, rows, input), input);
    }

    private EncoderOutput Encode(TextBatches batches, IReadOnlyList<int> rows, EncoderInput input)
    {
        if (_alone)
            KeepAlone(batches, rows);
        return _model.Encoder.Upper(input, States(batches.Texts(rows), input), _layers, _model.Head.ReadsFirstOnly);
    }

    /// <summary>Computes the states of the texts that have none yet, in batches that all the texts decide: what a text has does not depend on which fit came first.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    public void Fill(TextBatches texts, Action? checkAlive)
    {
        foreach (Encoding[] batch in texts.Texts(Enumerable.Range(0, texts.Count)).OrderBy(text => text.Ids.Length).Chunk(FillBatch))
        {
            bool[] absent = [.. batch.Select(text => !_cache.Contains(text))];
            if (absent.All(missing => !missing))
                continue;
            checkAlive?.Invoke();
            using IDisposable frozen = no_grad();
            using DisposeScope scope = NewDisposeScope();
            using EncoderInput input = texts.Input(batch);
            Keep(batch, absent, Lower(input));
        }
    }

    private IReadOnlyList<Tensor> States(Encoding[] texts, EncoderInput input)
    {
        bool[] absent = [.. texts.Select(text => !_cache.Contains(text))];
        if (absent.Any(missing => missing))
        {
            using IDisposable frozen = no_grad();
            IReadOnlyList<Tensor> computed = Lower(input);
            Keep(texts, absent, computed);
            if (absent.All(missing => missing))
                return computed;
        }
        return Gather(texts, input);
    }

    private void KeepAlone(TextBatches batches, IReadOnlyList<int> rows)
    {
        foreach (Encoding text in batches.Texts(rows))
        {
            if (_cache.Contains(text))
                continue;
            using IDisposable frozen = no_grad();
            using DisposeScope scope = NewDisposeScope();
            using EncoderInput input = batches.Input([text]);
            Keep([text], [true], Lower(input));
        }
    }

    private IReadOnlyList<Tensor> Lower(EncoderInput input) => _model.Encoder.Lower(input, _layers, _allStates, _firstOnly);

    /// <summary>How many vectors are kept of so many.</summary>
    private int Kept(int length) => _firstOnly ? 1 : length;

    private void Keep(Encoding[] texts, bool[] absent, IReadOnlyList<Tensor> computed)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int row = 0; row < texts.Length; row++)
            if (absent[row] && !_cache.Contains(texts[row])) // the same text may come twice in a batch
                _cache.Add(texts[row], stack([.. computed.Select(state => state[row].narrow(0, 0, Kept(texts[row].Ids.Length)))]).cpu().contiguous());
    }

    private List<Tensor> Gather(Encoding[] texts, EncoderInput input)
    {
        EncoderConfig config = _model.Encoder.Config;
        ScalarType type = _model.Encoder.ComputeType;
        var states = new List<Tensor>();
        for (int depth = 0; depth < (_allStates ? _layers + 1 : 1); depth++)
        {
            // Padding is zero: it is masked wherever it could matter.
            Tensor state = zeros([texts.Length, Kept((int)input.Length), config.HiddenSize], type);
            int bytesPerToken = config.HiddenSize * (int)state.element_size();
            for (int row = 0; row < texts.Length; row++)
            {
                _cache.Read(texts[row], depth, Kept(texts[row].Ids.Length) * bytesPerToken, state.bytes[(row * Kept((int)input.Length) * bytesPerToken)..]);
            }
            states.Add(config.Device.type == DeviceType.CPU ? state : state.to(config.Device));
        }
        return states;
    }
}
