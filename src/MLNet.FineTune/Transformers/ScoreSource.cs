using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>Where output getters take the numbers of the current row from.</summary>
internal abstract class ScoreSource
{
    /// <summary>What the model gives for the current row: logits, one per class, or one per word and class, or a vector; valid until the row moves.</summary>
    public abstract ReadOnlySpan<float> Current { get; }

    /// <summary>The text of the current row.</summary>
    public abstract TextInput Text { get; }
}

/// <summary>Scores the one current row, once however many outputs ask for it: the path of a prediction engine.</summary>
internal sealed class RowScores(ITextScorer scorer, IHost host, DataViewRow row, TextColumns columns) : ScoreSource
{
    private readonly Func<TextInput> _read = columns.MakeReader(row);
    private readonly TextInput[] _input = new TextInput[1];
    private float[] _scores = [];
    private long _position = -1;

    public override TextInput Text
    {
        get
        {
            Score();
            return _input[0];
        }
    }

    public override ReadOnlySpan<float> Current
    {
        get
        {
            Score();
            return _scores;
        }
    }

    private void Score()
    {
        if (row.Position < 0)
            throw new InvalidOperationException("Values can be read only while the row is positioned: after MoveNext has returned true and before it returns false.");
        if (row.Position == _position)
            return;
        _input[0] = _read();
        if (_scores.Length != scorer.WidthOf(_input[0]))
            _scores = new float[scorer.WidthOf(_input[0])];
        scorer.Score(_input, _scores, host.CheckAlive);
        _position = row.Position;
    }
}
