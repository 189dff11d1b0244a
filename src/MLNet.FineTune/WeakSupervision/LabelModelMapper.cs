using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>A label model bound to one input schema.</summary>
internal sealed class LabelModelMapper : IRowMapper
{
    private readonly LabelModelTransformer _transformer;
    private readonly VoteColumn _votes;

    /// <exception cref="ArgumentOutOfRangeException">The votes are missing, no vector of numbers, or of other functions than the model's.</exception>
    public LabelModelMapper(LabelModelTransformer transformer, DataViewSchema input)
    {
        _transformer = transformer;
        _votes = VoteColumn.Bind(input, transformer.Columns.Votes, nameof(input));
        _votes.CheckFunctions(transformer.FunctionNames, nameof(input));
    }

    public Func<int, bool> GetDependencies(Func<int, bool> activeOutput) => column => column == _votes.Column.Index && (activeOutput(0) || activeOutput(1));

    public Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action? disposer)
    {
        disposer = null;
        if (!activeOutput(0) && !activeOutput(1))
            return [null, null];
        LabelPosterior posterior = _transformer.Posterior;
        Func<int[]> readVotes = _votes.MakeReader(input, _transformer.FunctionNames, posterior.ClassCount);
        var probabilities = new double[posterior.ClassCount];
        int[] votes = [];
        long position = -1;
        ValueGetter<uint> label = (ref uint value) =>
        {
            Compute();
            value = (uint)(posterior.Decide(votes, probabilities) + 1);
        };
        ValueGetter<VBuffer<float>> shares = (ref VBuffer<float> value) =>
        {
            Compute();
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, probabilities.Length);
            for (int i = 0; i < probabilities.Length; i++)
                editor.Values[i] = (float)probabilities[i];
            value = editor.Commit();
        };
        return [activeOutput(0) ? label : null, activeOutput(1) ? shares : null];

        void Compute()
        {
            // A prediction engine's row stays at its position with other content.
            if (position == input.Position && input is DataViewRowCursor)
                return;
            votes = readVotes();
            posterior.Compute(votes, probabilities);
            position = input.Position;
        }
    }

    public DataViewSchema.DetachedColumn[] GetOutputColumns()
    {
        ReadOnlyMemory<char>[] names = [.. _transformer.ClassNames.Select(name => name.AsMemory())];
        var label = new DataViewSchema.Annotations.Builder();
        label.AddKeyValues(names.Length, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> value) => value = new(names.Length, [.. names]));
        var probabilities = new DataViewSchema.Annotations.Builder();
        probabilities.AddSlotNames(names.Length, (ref VBuffer<ReadOnlyMemory<char>> value) => value = new(names.Length, [.. names]));
        return
        [
            new(_transformer.Columns.WeakLabel, new KeyDataViewType(typeof(uint), names.Length), label.ToAnnotations()),
            new(_transformer.Columns.WeakProbabilities, new VectorDataViewType(NumberDataViewType.Single, names.Length), probabilities.ToAnnotations()),
        ];
    }

    public ITransformer GetTransformer() => _transformer;

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)_transformer).Save(ctx);
}
